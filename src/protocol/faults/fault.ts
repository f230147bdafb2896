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

/** What an action takes, and what it can be combined with. */
export interface Rule {
  parameters: readonly Parameter[];
  /** What is meant without `toward`; `neither`: it has no direction. */
  toward: Side | "both" | "neither";
  when: readonly When["at"][];
  /** Whether it is done to connections, so that some can be chosen. */
  on: boolean;
}

const NEVER: readonly When["at"][] = [];
/** It begins, and lasts. */
const FROM = ["after", "idle"] as const;
/** It happens, once or again and again. */
const AT = ["after", "every", "idle"] as const;

/**
 * What changes bytes, or when they come, is done by default to what goes to the
 * client, so that a round trip meets it once; what stops a connection, or
 * limits it, to both directions.
 */
export const RULES: Readonly<Record<ActionName, Rule>> = {
  delay: { parameters: ["jittered"], toward: "client", when: FROM, on: true },
  rate: { parameters: ["size"], toward: "both", when: FROM, on: true },
  slice: {
    parameters: ["size", "time"],
    toward: "client",
    when: FROM,
    on: true,
  },
  join: {
    parameters: ["size", "time"],
    toward: "client",
    when: FROM,
    on: true,
  },
  freeze: { parameters: ["time"], toward: "both", when: AT, on: true },
  stall: { parameters: [], toward: "both", when: FROM, on: true },
  reset: { parameters: [], toward: "both", when: FROM, on: true },
  finish: { parameters: [], toward: "both", when: FROM, on: true },
  vanish: { parameters: [], toward: "both", when: FROM, on: true },
  corrupt: { parameters: [], toward: "client", when: AT, on: true },
  drop: { parameters: ["size"], toward: "client", when: AT, on: true },
  repeat: { parameters: ["size"], toward: "client", when: AT, on: true },
  swap: { parameters: [], toward: "client", when: AT, on: true },
  "no-half-close": { parameters: [], toward: "both", when: FROM, on: true },
  "late-finish": {
    parameters: ["time"],
    toward: "client",
    when: FROM,
    on: true,
  },
  "reset-as-finish": { parameters: [], toward: "both", when: FROM, on: true },
  "finish-as-reset": { parameters: [], toward: "client", when: FROM, on: true },
  refuse: { parameters: [], toward: "neither", when: NEVER, on: true },
  mute: { parameters: [], toward: "client", when: FROM, on: true },
  "backlog-full": { parameters: [], toward: "neither", when: NEVER, on: false },
  "pass-max": { parameters: ["size"], toward: "client", when: FROM, on: true },
  limit: { parameters: ["count"], toward: "neither", when: NEVER, on: false },
  "proxy-header": {
    parameters: ["version"],
    toward: "neither",
    when: NEVER,
    on: true,
  },
  "tls-expired": { parameters: [], toward: "neither", when: NEVER, on: true },
  "tls-wrong-host": {
    parameters: [],
    toward: "neither",
    when: NEVER,
    on: true,
  },
  "tls-self-signed": {
    parameters: [],
    toward: "neither",
    when: NEVER,
    on: true,
  },
  "tls-stall": { parameters: [], toward: "neither", when: NEVER, on: true },
  "tls-truncate": { parameters: [], toward: "neither", when: NEVER, on: true },
};

export const ACTIONS = Object.keys(RULES) as ActionName[];

/** The directions that a fault is done to. */
export function sidesOf({ action, toward }: Fault): readonly Side[] {
  const side = toward ?? RULES[action].toward;
  if (side === "neither") return [];
  return side === "both" ? SIDES : [side];
}
