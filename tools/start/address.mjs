// What a request names: `new URL` and `decodeURI` throw at much that a client may send, and thrown
// in a server's handler that ends the process.

/** The address that a request names on its server, or undefined for what is no path that can be read. */
export function addressOf({ url }) {
  try {
    if (!url.startsWith('/') || decodeURI(url).includes('\0')) return undefined;
    const address = new URL(url, 'http://localhost');
    // Two slashes, or one and a backslash, begin with the name of another host.
    return address.host === 'localhost' ? address : undefined;
  } catch {
    return undefined;
  }
}
