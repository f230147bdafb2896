/** A fault as plain data: sizes in bytes, times in milliseconds. */

/** Whom the bytes go to that a fault is done to. */
export type Side = "client" | "server";

export const SIDES: readonly Side[] = ["client", "server"];

/** A member for each name, so that each can be told from the others. */
type Named<Name, Parameters = object> = Name extends string
  ? { action: Name } & Parameters
  : never;

/** An action, and what it takes. */
export type Action =
  | Named<"delay", { time: number; jitter: number }>
  | Named<"rate" | "drop" | "repeat" | "pass-max", { size: number }>
  | Named<"slice" | "join", { size: number; time: number }>
  | Named<"freeze" | "late-finish", { time: number }>
  | Named<"limit", { count: number }>
  | Named<"proxy-header", { version: 1 | 2 }>
  | Named<PlainAction>;

type PlainAction =
  | "stall"
  | "reset"
  | "finish"
  | "vanish"
  | "corrupt"
  | "swap"
  | "no-half-close"
  | "reset-as-finish"
  | "finish-as-reset"
  | "refuse"
  | "mute"
  | "backlog-full"
  | "tls-expired"
  | "tls-wrong-host"
  | "tls-self-signed"
  | "tls-stall"
  | "tls-truncate";

export type ActionName = Action["action"];

/** Counted from when the connection opened, or the fault was put on it. */
export type When =
  | { at: "after" | "every"; size: number }
  | { at: "after" | "every" | "idle"; time: number };

/** Which connections, the first one being number 1. */
export type On = { percent: number } | { every: number } | { first: number };

export type Fault = Action & {
  /** By default as RULES say. */
  toward?: Side;
  /** By default from the start on. */
  when?: When;
  /** By default all. */
  on?: On;
};

/** The faults of some actions. */
export type FaultOf<Name extends ActionName> = Extract<Fault, { action: Name }>;

export type Parameter = "size" | "time" | "jittered" | "count" | "version";

/** What an action takes, does, and can be combined with. */
export interface Rule {
  parameters: readonly Parameter[];
  /** What is meant without `toward`; `neither`: it has no direction. */
  toward: Side | "both" | "neither";
  when: readonly When["at"][];
  /** Whether it is done to connections, so that some can be chosen. */
  on: boolean;
  /** In a line for those who choose. */
  does: string;
}

function rule(
  toward: Rule["toward"],
  parameters: Rule["parameters"],
  when: Rule["when"],
  does: string,
  on = true,
): Rule {
  return { parameters, toward, when, on, does };
}

/** It is done as a connection begins. */
const AT_FIRST: Rule["when"] = [];
/** It begins, and lasts. */
const FROM = ["after", "idle"] as const;
/** It happens, once or again and again. */
const AT = ["after", "every", "idle"] as const;

/**
 * What changes bytes, or when they come, is done by default to what goes to the
 * client, so that a round trip meets it once; what stops a connection, or
 * limits it, to both directions. Of these, the bytes toward the client count.
 * `reset` and `vanish` are of the whole connection: `toward` says what counts.
 */
export const RULES: Readonly<Record<ActionName, Rule>> = {
  delay: rule("client", ["jittered"], FROM, "each byte arrives so much later"),
  rate: rule("both", ["size"], FROM, "so many bytes pass in a second"),
  slice: rule(
    "client",
    ["size", "time"],
    FROM,
    "chunks arrive in pieces of a size, so long apart",
  ),
  join: rule(
    "client",
    ["size", "time"],
    FROM,
    "chunks wait until they have a size, or for so long",
  ),
  freeze: rule("both", ["time"], AT, "nothing passes for so long"),
  stall: rule("both", [], FROM, "nothing is taken any more"),
  reset: rule("both", [], FROM, "both sides get an RST"),
  finish: rule("both", [], FROM, "a FIN, and no byte behind it"),
  vanish: rule("both", [], FROM, "silence; only the kernel's keepalive lives"),
  corrupt: rule("client", [], AT, "one bit of one byte changes"),
  drop: rule("client", ["size"], AT, "so many bytes get lost"),
  repeat: rule("client", ["size"], AT, "so many bytes arrive twice"),
  swap: rule("client", [], AT, "two neighbouring chunks change places"),
  "no-half-close": rule(
    "both",
    [],
    FROM,
    "who finishes gets a FIN at once, and no answer",
  ),
  "late-finish": rule("client", ["time"], FROM, "the FIN arrives later"),
  "reset-as-finish": rule("both", [], FROM, "an RST arrives as a FIN"),
  "finish-as-reset": rule("client", [], FROM, "a FIN arrives as an RST"),
  refuse: rule("neither", [], AT_FIRST, "an RST as soon as it is accepted"),
  mute: rule("client", [], FROM, "nothing arrives any more, not even an end"),
  "backlog-full": rule(
    "neither",
    [],
    AT_FIRST,
    "connects hang: the queue of connections is full",
    false,
  ),
  "pass-max": rule(
    "client",
    ["size"],
    FROM,
    "a larger chunk gets lost, and all behind it",
  ),
  limit: rule(
    "neither",
    ["count"],
    AT_FIRST,
    "more connections at once are refused",
    false,
  ),
  "proxy-header": rule(
    "neither",
    ["version"],
    AT_FIRST,
    "a PROXY header comes first to the server",
  ),
  "tls-expired": rule("neither", [], AT_FIRST, "the certificate has expired"),
  "tls-wrong-host": rule(
    "neither",
    [],
    AT_FIRST,
    "the certificate is for another name",
  ),
  "tls-self-signed": rule(
    "neither",
    [],
    AT_FIRST,
    "no authority signed the certificate",
  ),
  "tls-stall": rule("neither", [], AT_FIRST, "the handshake is not answered"),
  "tls-truncate": rule("neither", [], AT_FIRST, "a FIN without TLS's own end"),
};

export const ACTIONS = Object.keys(RULES) as ActionName[];

/** The directions that a fault is done to. */
export function sidesOf({ action, toward }: Fault): readonly Side[] {
  const side = toward ?? RULES[action].toward;
  if (side === "neither") return [];
  return side === "both" ? SIDES : [side];
}
