import {
  formatEndpoint,
  isSecure,
  type Listenable,
} from "../../address/endpoint.ts";
import { SounderError } from "../../errors/errors.ts";
import type { ActionName, Fault } from "../../protocol/faults/fault.ts";
import { parseFaults } from "../../protocol/faults/list.ts";
import { check, TEXTS } from "../../options.ts";

const OF_TLS: readonly ActionName[] = [
  "tls-expired",
  "tls-wrong-host",
  "tls-self-signed",
  "tls-stall",
  "tls-truncate",
];

/** Why a fault can't be where it is listened; undefined if it can. */
export function misplaced(
  faults: readonly Fault[],
  places: readonly Listenable[],
): string | undefined {
  const names = () => places.map(formatEndpoint).join(", ");
  const ofTls = faults.find(({ action }) => OF_TLS.includes(action));
  if (ofTls !== undefined && !places.some(isSecure)) {
    return `${ofTls.action} wants an address to listen on that begins with tls://, not ${names()}`;
  }
  const isFull = faults.some(({ action }) => action === "backlog-full");
  return isFull && places.some(({ kind }) => kind !== "tcp" && kind !== "tls")
    ? `backlog-full wants a TCP address to listen on, not ${names()}`
    : undefined;
}

/**
 * @param name what they were given as: `startServer(): faults`
 * @throws SounderError `EOPTION` that names the first that can't be
 */
export function checkedFaults(
  name: string,
  texts: readonly string[],
  places: readonly Listenable[],
): readonly Fault[] {
  check(name, "its value", texts, TEXTS);
  return asOption(name, () => {
    const faults = parseFaults(texts);
    const why = misplaced(faults, places);
    if (why !== undefined) throw new RangeError(why);
    return faults;
  });
}

/** Actions that are done before there is a connection, or as it begins. */
const AT_FIRST: readonly ActionName[] = [
  "refuse",
  "limit",
  "backlog-full",
  "proxy-header",
  ...OF_TLS.filter((action) => action !== "tls-truncate"),
];

/**
 * Faults for one connection that is open.
 * @throws SounderError `EOPTION` that names the first that can't be
 */
export function checkedForOne(
  texts: readonly string[],
  places: readonly Listenable[],
): readonly Fault[] {
  const name = "a connection's faults";
  const faults = checkedFaults(name, texts, places);
  return asOption(name, () => {
    for (const { action, on } of faults) {
      if (AT_FIRST.includes(action)) {
        throw new RangeError(`${action} is done as a connection begins`);
      }
      if (on !== undefined) {
        throw new RangeError('"on" chooses connections, and this is one');
      }
    }
    return faults;
  });
}

function asOption<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    throw new SounderError(`${name}: ${message}`, "EOPTION", { cause: error });
  }
}
