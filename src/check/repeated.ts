/** What one try of a check showed. */
export interface Tried {
  status: string;
}

/**
 * Tries at least twice, at once, and twice more where these differ: what harms
 * is seen twice, and a path that is not always the same is seen to be so.
 */
export async function repeated<Try extends Tried>(
  attempt: () => Promise<Try>,
): Promise<Try[]> {
  const tries = await Promise.all([attempt(), attempt()]);
  if (tries[0].status === tries[1].status) return tries;
  return [...tries, ...(await Promise.all([attempt(), attempt()]))];
}

/** The try that stands for all; undefined where they differ. */
export function agreed<Try extends Tried>(
  tries: readonly Try[],
): Try | undefined {
  const [first] = tries;
  return tries.every(({ status }) => status === first!.status)
    ? first
    : undefined;
}

/** `kept on 2 connections, lost on 2` */
export function countsOf(tries: readonly Tried[]): string {
  const counts = new Map<string, number>();
  for (const { status } of tries) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return Array.from(counts, ([status, count], index) =>
    index === 0 ? `${status} on ${count} connections` : `${status} on ${count}`,
  )
    .join(", ")
    .replace("on 1 connections", "on 1 connection");
}

/** Why a path may not be always the same. */
export const DIFFERENT =
  "connections are not all treated alike: several balancers or servers with " +
  "different settings, or one that ends connections for another reason; try it " +
  "again with --only, or examine each of them";
