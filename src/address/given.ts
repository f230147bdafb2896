import type { Endpoint, Listenable } from "./endpoint.ts";

/** An address as a program gives it: of what kind, nobody has checked. */
type Given = Record<string, unknown>;

function hasHostAndPort({ host, port }: Given): boolean {
  const isPort =
    Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535;
  return typeof host === "string" && isPort;
}

/** What each kind of endpoint has to have. */
const ENDPOINTS: Record<Endpoint["kind"], (given: Given) => boolean> = {
  tcp: hasHostAndPort,
  tls: hasHostAndPort,
  unix: ({ path }) => typeof path === "string" && path !== "",
};

const LISTENABLES: Record<Listenable["kind"], (given: Given) => boolean> = {
  ...ENDPOINTS,
  fd: ({ fd }) => Number.isInteger(fd) && Number(fd) >= 0,
};

export function isEndpoint(given: unknown): given is Endpoint {
  return isOneOf(ENDPOINTS, given);
}

/** Whether it can be an address: a string, which its parser judges, or as parsed. */
export function isAddress(given: unknown): given is string | Endpoint {
  return typeof given === "string" || isEndpoint(given);
}

/** The same, of what a server can listen on. */
export function isListenable(given: unknown): given is string | Listenable {
  return typeof given === "string" || isOneOf(LISTENABLES, given);
}

function isOneOf(
  kinds: Record<string, (given: Given) => boolean>,
  given: unknown,
): boolean {
  if (typeof given !== "object" || given === null) return false;
  const { kind } = given as Given;
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) return false;
  return kinds[kind]!(given as Given);
}
