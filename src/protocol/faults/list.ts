import { type ActionName, type Fault, sidesOf } from "./fault.ts";
import { parseFault } from "./parse.ts";
import { formatFault } from "./print.ts";
import { quote } from "./words.ts";

/** Two of them toward one side contradict each other, or mean one. */
const ONCE_A_SIDE: readonly ActionName[] = [
  "rate",
  "stall",
  "vanish",
  "no-half-close",
];
/** Two of them contradict each other, or mean one. */
const ONCE: readonly ActionName[] = [
  "limit",
  "proxy-header",
  "refuse",
  "backlog-full",
  "tls-expired",
  "tls-wrong-host",
  "tls-self-signed",
  "tls-stall",
  "tls-truncate",
];
/** Where they are done, nothing else can be. */
const LAST: readonly ActionName[] = ["refuse", "backlog-full"];
const OPPOSITES: readonly (readonly [ActionName, ActionName])[] = [
  ["reset-as-finish", "finish-as-reset"],
];

function meet(a: Fault, b: Fault): boolean {
  return sidesOf(a).some((side) => sidesOf(b).includes(side));
}

/** Why two faults can't be at once; undefined if they can. */
function conflict(earlier: Fault, later: Fault): string | undefined {
  const same = earlier.action === later.action;
  const { action } = later;
  if (same && ONCE.includes(action)) return `there can be only one ${action}`;
  if (same && ONCE_A_SIDE.includes(action) && meet(earlier, later)) {
    return `there can be only one ${action} toward one side`;
  }
  for (const fault of [earlier, later]) {
    // Where it is on some connections, the others have the rest.
    if (LAST.includes(fault.action) && fault.on === undefined) {
      return `after ${fault.action} there is no connection for another fault`;
    }
  }
  const pair = [earlier.action, later.action];
  const opposed = OPPOSITES.some(
    ([a, b]) => pair.includes(a) && pair.includes(b),
  );
  if (opposed && meet(earlier, later)) {
    return "one undoes the other toward one side";
  }
  return undefined;
}

/** @throws RangeError that names the first two that can't be at once */
export function checkTogether(faults: readonly Fault[]): void {
  for (const [n, later] of faults.entries()) {
    for (const earlier of faults.slice(0, n)) {
      const why = conflict(earlier, later);
      if (why === undefined) continue;
      const names = [earlier, later].map((fault) => quote(formatFault(fault)));
      throw new RangeError(`faults ${names.join(" and ")}: ${why}`);
    }
  }
}

/**
 * Faults that stack in the order given.
 * @throws RangeError in one line: FaultError where a text is none
 */
export function parseFaults(texts: readonly string[]): Fault[] {
  const faults = texts.map(parseFault);
  checkTogether(faults);
  return faults;
}
