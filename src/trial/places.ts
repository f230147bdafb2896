/** What the busiest connection carried without a fault, in bytes. */
export interface Carried {
  /** Toward the client. */
  answer: number;
  /** Toward the server. */
  request: number;
}

/** Of a large answer, the part that is its end. */
const END = 32;
/** TCP's segments in Ethernet, a little less. */
const SEGMENT = 1400;

/** What stands for `{name}` in faults: 0 where there is no such place. */
const PLACES: Record<string, (carried: Carried) => number> = {
  /** In the middle of the answer. */
  half: ({ answer }) => Math.floor(answer / 2),
  /** Before its last byte. */
  last: ({ answer }) => answer - 1,
  /** Before its last bytes. */
  almost: ({ answer }) => Math.max(answer - END, Math.floor(answer / 2)),
  quarter: ({ answer }) => Math.ceil(answer / 4),
  /** A hundredth of it. */
  piece: ({ answer }) => Math.ceil(answer / 100),
  /** A few of its bytes. */
  some: ({ answer }) => Math.min(Math.ceil(answer / 8), 512),
  /** Less than the largest chunk of most answers. */
  chunk: ({ answer }) => Math.min(Math.floor(answer / 2), SEGMENT),
  /** In the middle of the request. */
  asked: ({ request }) => Math.floor(request / 2),
  /** A second, so that it takes about that long. */
  rate: ({ answer, request }) => Math.max(answer, request),
};

/**
 * Faults, where the conversation without one shows them to act.
 * @returns undefined where that has no such place: it was too short
 */
export function placed(
  faults: readonly string[],
  carried: Carried,
): string[] | undefined {
  let isThere = true;
  const texts = faults.map((fault) =>
    fault.replace(/\{(\w+)\}/g, (_, name: string) => {
      const size = PLACES[name]!(carried);
      if (size < 1) isThere = false;
      return String(size);
    }),
  );
  return isThere ? texts : undefined;
}
