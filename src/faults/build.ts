import {
  type ActionName,
  type Fault,
  type FaultOf,
  type Side,
  SIDES,
  sidesOf,
} from "../protocol/faults/fault.ts";
import type { Context, Stage } from "./stage.ts";
import { Corrupt, Drop, Repeat, Swap } from "./stages/alter.ts";
import { Cut, PassMax } from "./stages/cut.ts";
import {
  FinishAsReset,
  NoHalfClose,
  Prefix,
  ResetAsFinish,
  Truncate,
} from "./stages/endings.ts";
import { Delay, Freeze, LateFinish, Stall } from "./stages/hold.ts";
import { Join } from "./stages/join.ts";
import { Rate, Slice } from "./stages/paced.ts";

/** What is done to a connection before it is one. */
const BEFORE: readonly ActionName[] = [
  "refuse",
  "limit",
  "backlog-full",
  "tls-expired",
  "tls-wrong-host",
  "tls-self-signed",
  "tls-stall",
];

/** Whether a fault is done to a connection's bytes, or how it ends. */
export function hasStages({ action }: Fault): boolean {
  return !BEFORE.includes(action);
}

/** What a fault does in each direction. */
export type Stages = Record<Side, Stage[]>;

type Contexts = Record<Side, Context>;

function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** A stage for each direction, which knows nothing of the other. */
type Single =
  | "delay"
  | "late-finish"
  | "rate"
  | "slice"
  | "join"
  | "corrupt"
  | "drop"
  | "repeat"
  | "swap"
  | "pass-max"
  | "mute"
  | "reset-as-finish"
  | "finish-as-reset";

const SINGLE: {
  [Name in Single]: (context: Context, fault: FaultOf<Name>) => Stage;
} = {
  delay: (context, fault) => new Delay(context, fault),
  "late-finish": (context, fault) => new LateFinish(context, fault),
  rate: (context, fault) => new Rate(context, fault),
  slice: (context, fault) => new Slice(context, fault),
  join: (context, fault) => new Join(context, fault),
  corrupt: (context, { when }) => new Corrupt(context, when),
  drop: (context, fault) => new Drop(context, fault),
  repeat: (context, fault) => new Repeat(context, fault),
  swap: (context, { when }) => new Swap(context, when),
  "pass-max": (context, fault) => new PassMax(context, fault),
  mute: (context, { when }) => new Cut(context, when, undefined),
  "reset-as-finish": (context, fault) => new ResetAsFinish(context, fault),
  "finish-as-reset": (context, fault) => new FinishAsReset(context, fault),
};

function single(fault: FaultOf<Single>, contexts: Contexts): Stages {
  const make = SINGLE[fault.action] as (of: Context, fault: Fault) => Stage;
  const stages: Stages = { client: [], server: [] };
  for (const side of sidesOf(fault)) {
    stages[side].push(make(contexts[side], fault));
  }
  return stages;
}

/**
 * Directions that act together, when the one that counts says so: that toward
 * the client where none is named.
 */
function together<Kind extends Freeze | Stall | Cut>(
  fault: Fault,
  sides: readonly Side[],
  make: (side: Side, when: Fault["when"] | "never") => Kind,
): Stages {
  const counts = fault.toward ?? "client";
  const first = make(counts, fault.when);
  const stages: Stages = { client: [], server: [] };
  stages[counts].push(first);
  if (sides.length > 1) {
    const other = otherSide(counts);
    const partner = make(other, "never");
    first.partner = partner as Cut & Freeze & Stall;
    stages[other].push(partner);
  }
  return stages;
}

function noHalfClose(fault: Fault, contexts: Contexts): Stages {
  const stages: Stages = { client: [], server: [] };
  let partner: NoHalfClose | undefined;
  for (const side of sidesOf(fault)) {
    const stage = new NoHalfClose(contexts[side], fault);
    stage.partner = partner;
    if (partner !== undefined) partner.partner = stage;
    partner = stage;
    const back = otherSide(side);
    stage.answer = new Cut(contexts[back], "never", "finish");
    stages[side].push(stage);
    stages[back].push(stage.answer);
  }
  return stages;
}

/**
 * @param header a PROXY header of some version about the connection
 * @returns none for what is done to a connection before it is one
 */
export function stagesOf(
  fault: Fault,
  contexts: Contexts,
  header: (version: 1 | 2) => Buffer,
): Stages {
  switch (fault.action) {
    case "freeze":
      return together(
        fault,
        sidesOf(fault),
        (side, when) => new Freeze(contexts[side], when, fault),
      );
    case "stall":
      return together(
        fault,
        sidesOf(fault),
        (side, when) => new Stall(contexts[side], when),
      );
    case "finish":
      return together(
        fault,
        sidesOf(fault),
        (side, when) => new Cut(contexts[side], when, "finish"),
      );
    // These are of the whole connection, whichever direction counts.
    case "reset":
      return together(
        fault,
        SIDES,
        (side, when) => new Cut(contexts[side], when, "abort"),
      );
    case "vanish":
      return together(
        fault,
        SIDES,
        (side, when) => new Cut(contexts[side], when, undefined, true),
      );
    case "no-half-close":
      return noHalfClose(fault, contexts);
    case "proxy-header": {
      const prefix = () => header(fault.version);
      return { client: [], server: [new Prefix(contexts.server, prefix)] };
    }
    case "tls-truncate":
      return { client: [new Truncate(contexts.client, fault)], server: [] };
    case "refuse":
    case "limit":
    case "backlog-full":
    case "tls-expired":
    case "tls-wrong-host":
    case "tls-self-signed":
    case "tls-stall":
      return { client: [], server: [] };
    default:
      return single(fault, contexts);
  }
}
