/**
 * The first `limit` of items in an order, sorted. Of many it is much cheaper
 * than sorting all of them.
 */
export function first<Item>(
  items: Iterable<Item>,
  limit: number,
  order: (a: Item, b: Item) => number,
): Item[] {
  const best: Item[] = [];
  if (limit === 0) return best;
  for (const item of items) {
    if (best.length === limit) {
      if (order(best[limit - 1]!, item) <= 0) continue;
      best.pop();
    }
    // After its equals, as a stable sort leaves it.
    let low = 0;
    let high = best.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(best[middle]!, item) <= 0) low = middle + 1;
      else high = middle;
    }
    best.splice(low, 0, item);
  }
  return best;
}
