/**
 * Opens resources in order: `open` calls the function that it is given with the closer of each. Resolves to
 * what `open` gives, and `close`, which closes them in reverse order, as a failure of `open` does.
 */
export async function openResources(open) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await open((closer) => closers.push(closer))), close };
  } catch (error) {
    await close();
    throw error;
  }
}
