// What the account of a key holds, by the service's own word: whether a key works is found out before it
// is needed, and costs nothing.

const timeoutMs = 10_000;
const dollars = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/**
 * Asks at an address for the balance of a key. Resolves to `{ amount }` in words, to `{ isRefused: true }`
 * where the key is not accepted, and to `{}` where nothing is known: a proxy has no balance, a key may not
 * be allowed to read it, a host may not let a page ask.
 */
export async function lookUpBalance({ address, key }) {
  if (!key) return {};
  try {
    const reply = await fetch(billingUrl(address), {
      headers: { authorization: `Bearer ${key}` },
      cache: 'no-store',
      credentials: 'omit',
      // A key goes to its address alone.
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (reply.status === 401) return { isRefused: true };
    return reply.ok ? { amount: amountOf(await reply.json()) } : {};
  } catch {
    return {};
  }
}

/** The address may end like those of the service's own documentation. */
function billingUrl(address) {
  const base = address.replace(/\/+$/, '').replace(/\/v[12](\/generate\/audio)?$/, '');
  return `${base}/v2/billing`;
}

function amountOf({ current_balance: balance, currency }) {
  if (!Number.isFinite(Number(balance ?? NaN))) return undefined;
  const amount = dollars.format(Number(balance));
  return currency === undefined || currency === 'USD' ? `$${amount}` : `${amount} ${currency}`;
}
