import { formatBytes, formatCount, formatTime } from "../../../units.ts";
import type { Finding } from "../../finding.ts";
import { ALTERED } from "../../verdict.ts";
import type { Moved } from "./echo-load.ts";
import {
  type Responsiveness,
  responsivenessOf,
  type Samples,
  trimmedMean,
} from "./responsiveness.ts";

/** What was measured while the path was busy. */
export interface Busy {
  samples: Samples;
  /** Milliseconds that this process was late, again and again. */
  lag: number[];
  /** Fresh connections that failed. */
  failed: number;
}

export interface Transferred {
  /** The shortest round trip without any load, in milliseconds. */
  idleMs: number;
  /** Both ways at once. */
  echo: Moved;
  /** The same on another connection, where that one failed. */
  again?: Moved | undefined;
  /** Each way alone, as far as the server cooperates. */
  up?: Moved | undefined;
  down?: Moved | undefined;
  busy: Busy;
}

/** Answers take so often as long, and so many ms longer, behind a long queue. */
const BLOATED = 10;
const BLOATED_MS = 200;
/** A share of an answer's time that is our own lateness counts. */
const OWN_SHARE = 0.2;

const DEFINITION =
  "round trips a minute, after draft-ietf-ippm-responsiveness-08: the mean of " +
  "60,000 / TM(ms of handshakes and an answer on fresh connections) and of " +
  "60,000 / TM(ms of a byte there and back on the one that carries the load); " +
  "TM leaves out the slowest 5 %";

const rateOf = ({ bytes, seconds }: Moved) => bytes / seconds;
const rate = (value: number) => `${formatBytes(value)}/s`;

/** @param oneAtATime no fresh connection is served beside the load */
export function findingOf(found: Transferred, oneAtATime: boolean): Finding {
  const { echo, again, up, down } = found;
  const responsiveness = responsivenessOf(found.busy.samples);
  const evidence = evidenceOf(found, responsiveness);
  const altered = [echo, again, up, down].find((one) => one?.end === "altered");
  if (altered !== undefined) {
    return { ...alteredBy(altered, found), evidence };
  }
  if (again !== undefined && !isWhole(again)) {
    return { ...brokenOff(echo, again), evidence };
  }
  const value = Math.min(...sidesOf(found).map(rateOf));
  const rest = responsivenessWords(found, responsiveness, oneAtATime);
  const words = `${ratesOf(found)}; ${rest.text}`;
  const isNotable = again !== undefined || rest.isSlow;
  return {
    status: rate(value),
    value,
    rating: isNotable ? "notable" : "fine",
    ...afterAgain(found, { text: words, means: rest.means }),
    evidence,
  };
}

/** What is said where only another connection was whole. */
function afterAgain(
  { echo, again }: Transferred,
  { text, means }: Pick<Finding, "text" | "means">,
): Pick<Finding, "text" | "means"> {
  if (again === undefined) return { text, means };
  if (echo.end !== "stalled") {
    return {
      text: `${text}; but one of two connections ${endOf(echo)}`,
      means,
    };
  }
  return {
    text: `${text}; that is with little under way: with more, it ${endOf(echo)}`,
    means:
      "clients that send all before they read hang: the server, or a relay, " +
      "does not read while it writes, such as programs behind pipes (ncat --exec)",
  };
}

const isWhole = ({ end }: Moved) => end === "all" || end === "time";

/** What the figure is the slower of. */
function sidesOf({ echo, again, up, down }: Transferred): Moved[] {
  const both = again ?? echo;
  return [up, down].map((side) =>
    side !== undefined && isWhole(side) ? side : both,
  );
}

function ratesOf(found: Transferred): string {
  const { echo, again, up, down } = found;
  const both = `${rate(rateOf(again ?? echo))} each way, both at once`;
  const alone = [
    ...(up === undefined ? [] : [`${rate(rateOf(up))} up`]),
    ...(down === undefined ? [] : [`${rate(rateOf(down))} down`]),
  ];
  const rates = [...alone, both].join(", ");
  const moved = [echo, again, up, down].reduce(
    (sum, one) => sum + (one?.bytes ?? 0),
    0,
  );
  return `${rates}: ${formatBytes(moved)} verified`;
}

function responsivenessWords(
  { idleMs, busy }: Transferred,
  { rpm, fresh: onFresh, loaded }: Responsiveness,
  oneAtATime: boolean,
): { text: string; means: string; isSlow: boolean } {
  const idle = `one takes ${formatTime(idleMs * 1000)} without load`;
  const fresh = trimmedMean(busy.samples.fresh);
  const unknown = (why: string) => ({
    text: `how fast answers are meanwhile can't be told: ${why}; ${idle}`,
    means: "what is transferred arrives as it was sent",
    isSlow: false,
  });
  if (oneAtATime) return unknown("nobody else is served beside it");
  if (rpm === null || fresh === undefined) {
    return unknown("it was over too soon, or others were not served beside it");
  }
  const own = (trimmedMean(busy.lag) ?? 0) > OWN_SHARE * fresh;
  const isSlow = fresh > BLOATED * idleMs && fresh > idleMs + BLOATED_MS;
  const [all, others, itself] = [rpm, onFresh!, loaded!].map((value) =>
    formatCount(Math.round(value)),
  );
  const least = own ? "at least " : "";
  return {
    text:
      `${least}${all} round trips a minute meanwhile (${others} on fresh ` +
      `connections, ${itself} on the one that carries it); ${idle}`,
    means: isSlow
      ? `answers take ${formatTime(fresh * 1000)} while a transfer fills the ` +
        "path: a long queue on the way (fq_codel or CAKE at the narrowest " +
        `place keep it short), or a server that is busy with it; ${DEFINITION}`
      : `others are served beside a transfer; ${DEFINITION}`,
    isSlow,
  };
}

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

function alteredBy(altered: Moved, { echo, again, up }: Transferred): Words {
  const { offset, text } = altered.wrong!;
  const way = altered === up ? "toward the server, " : "";
  const at = altered === up ? "" : `at byte ${formatCount(offset)}, `;
  const often =
    echo.end !== "altered"
      ? ""
      : again?.end === "altered"
        ? "; on another connection, too"
        : "; not on another connection";
  return {
    status: ALTERED,
    rating: "harmful",
    text: `${way}${at}${text}${often}`,
    means:
      "what is sent does not arrive: the server or the path changes bytes, or " +
      "memory is bad; TLS, or a checksum of your own, would notice",
  };
}

function endOf({ end, bytes }: Moved): string {
  const after = `after ${formatBytes(bytes)} had come back`;
  return end === "stalled" ? `stood still ${after}` : `ended (${end}) ${after}`;
}

function brokenOff(echo: Moved, again: Moved): Words {
  const isStalled = echo.end === "stalled";
  const ends = [...new Set([endOf(echo), endOf(again)])];
  const text =
    ends.length === 1
      ? `both of two connections ${ends[0]}`
      : `one connection ${ends.join("; another ")}`;
  return {
    status: isStalled ? "stalled" : "cut",
    rating: "harmful",
    text,
    means: isStalled
      ? "large transfers hang: a device that forgets connections, or drops " +
        "large segments (see mtu), or a server that stopped reading"
      : "large transfers break off: a limit on bytes or on time (see lifetime), " +
        "or a server that fails",
  };
}

function evidenceOf(
  { idleMs, echo, again, up, down, busy }: Transferred,
  responsiveness: Responsiveness,
): Record<string, unknown> {
  const told = (moved: Moved | undefined) =>
    moved === undefined
      ? null
      : { ...moved, rate: rateOf(moved), wrong: moved.wrong ?? null };
  const { samples, lag, failed } = busy;
  const means = Object.fromEntries(
    Object.entries(samples).map(([name, values]: [string, number[]]) => [
      name,
      { count: values.length, trimmedMeanMs: trimmedMean(values) ?? null },
    ]),
  );
  return {
    echo: told(echo),
    again: told(again),
    up: told(up),
    down: told(down),
    responsiveness: { ...responsiveness, definition: DEFINITION },
    idleMs,
    busy: { ...means, failed, ownLagMs: trimmedMean(lag) ?? null },
  };
}
