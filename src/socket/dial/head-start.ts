/** How long one address has before the next is tried beside it: RFC 8305, 5. */
const HEAD_START = 250;

/**
 * Tries one after the other until one succeeds: a failure brings the next on at
 * once, silence a little later. Whose attempt succeeds after another's has to
 * clear up itself.
 *
 * @param attempt rejects at once where nothing is to be tried any more
 * @returns what the first to succeed gives; rejects with why the last failed
 */
export function firstOf<Item, Value>(
  items: readonly Item[],
  attempt: (item: Item) => Promise<Value>,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  let over = false;
  let trying = 0;
  function next([item, ...others]: readonly Item[]): void {
    if (over || item === undefined) return;
    let rest = others;
    const tryRest = () => {
      next(rest);
      rest = [];
    };
    const headStart = setTimeout(tryRest, HEAD_START);
    trying += 1;
    attempt(item)
      .finally(() => clearTimeout(headStart))
      .then(
        (value) => {
          over = true;
          resolve(value);
        },
        (error) => {
          tryRest();
          trying -= 1;
          if (trying === 0) reject(error);
        },
      );
  }
  next(items);
  return promise;
}
