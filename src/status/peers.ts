import { isBoolean, isNumber, isText, objectOf } from "../checks.ts";

/** One connection, as a snapshot tells it. */
export interface PeerView {
  /** Unique in its worker only. */
  id: number;
  /** The first is 1; 0 is a server without workers. */
  worker: number;
  /** `127.0.0.1:53124`; from the peer, where a PROXY header said it. */
  peer: string;
  /** Milliseconds since 1970. */
  since: number;
  bytesIn: number;
  bytesOut: number;
  pending: number;
  stalled: boolean;
}

/** Which connections a snapshot lists; it counts all of them. */
export interface PeerQuery {
  /** A part of the peer's name; "" is all. */
  search: string;
  /** The most of them to list. */
  limit: number;
  /**
   * Which of them come first. Without it what holds most for its peer does,
   * then what moved most bytes.
   */
  sort?: Sort | undefined;
}

export interface Sort {
  by: SortKey;
  descending: boolean;
}

type Order<Item> = (a: Item, b: Item) => number;

const NAMES = new Intl.Collator("en", { numeric: true });

/** By what connections can be sorted. */
const ORDERS = {
  peer: (a, b) => NAMES.compare(a.peer, b.peer),
  age: (a, b) => b.since - a.since,
  received: (a, b) => a.bytesIn - b.bytesIn,
  sent: (a, b) => a.bytesOut - b.bytesOut,
  pending: (a, b) => a.pending - b.pending,
  worker: (a, b) => a.worker - b.worker,
} satisfies Record<string, Order<PeerView>>;

export type SortKey = keyof typeof ORDERS;

export const SORT_KEYS = Object.keys(ORDERS);

export function isSortKey(text: string): text is SortKey {
  return Object.hasOwn(ORDERS, text);
}

type Weighed = Pick<PeerView, "pending" | "bytesIn" | "bytesOut">;

/** What holds most for its peer first, then what moved most bytes. */
export function byWeight(a: Weighed, b: Weighed): number {
  return (
    b.pending - a.pending || b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut
  );
}

/** The order that is asked for; equals are in that of their weight. */
export function orderOf(sort: Sort | undefined): Order<PeerView> {
  if (sort === undefined) return byWeight;
  const order = ORDERS[sort.by];
  const sign = sort.descending ? -1 : 1;
  return (a, b) => sign * order(a, b) || byWeight(a, b);
}

/**
 * The first `limit` of items in an order, sorted. Of many it is much cheaper
 * than sorting all of them.
 */
export function first<Item>(
  items: Iterable<Item>,
  limit: number,
  order: Order<Item>,
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

/** Whether it is what another process would tell. */
export const isPeerView = objectOf<PeerView>({
  id: isNumber,
  worker: isNumber,
  peer: isText,
  since: isNumber,
  bytesIn: isNumber,
  bytesOut: isNumber,
  pending: isNumber,
  stalled: isBoolean,
});
