import type { Connection } from "../../../client/connection.ts";
import {
  type KernelAnswer,
  TLS_LABEL,
} from "../../../protocol/cooperation/answer.ts";
import type { Path } from "../../path.ts";

/** After so many milliseconds without a byte our kernel asks who is there. */
const KEEP_ALIVE = 1000;
/** How long an answer to that is awaited. */
const PATIENCE = 9000;
const LOOK_EVERY = 20;
/** Answers that are awaited, and how many where others send keepalives, too. */
const ANSWERS = [2, 5];

/**
 * Whether segments without data go from end to end: our kernel's keepalives
 * reach the server's kernel, or somebody between answers them.
 */
export type Segments = "arrive" | "answered-between" | "unknown";

export interface Counts {
  /** Keepalives that were answered to us, and segments that reached the server. */
  answered: number;
  arrived: number;
  /** What reached it in as long a time without ours; null: not looked at. */
  foreign: number | null;
}

export interface FarEnd extends Counts {
  segments: Segments;
  kernel: KernelAnswer | null;
  /** Our own end, as `kernel` has the server's. */
  ours: { local: string; peer: string; tls: string | null };
  instance: string;
}

/** Sends keepalives on a connection, and asks on others what came of them. */
export async function probeFarEnd(path: Path): Promise<FarEnd> {
  await using asked = await path.ask<"kernel">({ ask: "kernel" });
  const { instance, connection, kernel } = asked.answer;
  const own = asked.conversation.connection;
  const tls = own.tls === undefined ? null : hashOf(own.tls);
  const ours = {
    local: `${own.localAddress}:${own.localPort}`,
    peer: `${own.remoteAddress}:${own.remotePort}`,
    tls,
  };
  const told = { kernel, ours, instance };
  const seen = async () => {
    const question = { ask: "kernel", connection } as const;
    await using other = await path.ask<"kernel">(question, instance);
    return other.answer.kernel?.tcp?.segmentsIn;
  };
  // The last acknowledgements are in by then.
  await path.wait(300);
  for (const wanted of ANSWERS) {
    const counts = await count(path, own, seen, wanted);
    const segments = counts === undefined ? "unknown" : segmentsOf(counts);
    const isLast = wanted === ANSWERS.at(-1) || !counts?.foreign;
    if (segments !== "unknown" || isLast) {
      return { segments, ...(counts ?? NONE), ...told };
    }
  }
  return { segments: "unknown", ...NONE, ...told };
}

const NONE: Counts = { answered: 0, arrived: 0, foreign: null };

/** Undefined where one of both kernels does not tell. */
async function count(
  path: Path,
  own: Connection,
  seen: () => Promise<number | undefined>,
  wanted: number,
): Promise<Counts | undefined> {
  const [before, mine] = [await seen(), own.tcpInfo()?.segmentsIn];
  if (before === undefined || mine === undefined) return undefined;
  const began = performance.now();
  own.keepAlive(KEEP_ALIVE);
  const answers = () => (own.tcpInfo()?.segmentsIn ?? mine) - mine;
  while (answers() < wanted && performance.now() < began + PATIENCE) {
    await path.wait(LOOK_EVERY);
  }
  const answered = answers();
  const after = (await seen()) ?? before;
  own.keepAlive(undefined);
  const arrived = after - before;
  if (answered < wanted || arrived < answered) {
    return { answered, arrived, foreign: null };
  }
  // What arrived may be somebody else's.
  const lasted = performance.now() - began;
  const start = (await seen()) ?? after;
  await path.wait(lasted);
  return { answered, arrived, foreign: ((await seen()) ?? start) - start };
}

/**
 * What the server's kernel answers has arrived there, and what somebody between
 * answers has not. A proxy may send keepalives of its own to the server: of two
 * times as long, either may have one of these more.
 */
export function segmentsOf({ answered, arrived, foreign }: Counts): Segments {
  if (answered < 2) return "unknown";
  if (arrived < answered) return "answered-between";
  if (foreign === null) return "unknown";
  const couldBeOurs = arrived >= answered + foreign - 1;
  const couldBeForeign = arrived <= foreign + 1;
  if (couldBeOurs === couldBeForeign) return "unknown";
  return couldBeOurs ? "arrive" : "answered-between";
}

function hashOf(tls: { exportKey(length: number, label: string): Buffer }) {
  return new Bun.CryptoHasher("sha256")
    .update(tls.exportKey(32, TLS_LABEL))
    .digest("hex");
}
