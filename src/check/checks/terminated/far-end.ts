import {
  type KernelAnswer,
  TLS_LABEL,
} from "../../../protocol/cooperation/answer.ts";
import type { Path } from "../../path.ts";

/** After so many milliseconds without a byte our kernel asks who is there. */
const KEEP_ALIVE = 1000;
/** How long an answer to that is awaited. */
const PATIENCE = 6000;
const LOOK_EVERY = 20;

/**
 * Whether segments without data go from end to end: our kernel's keepalives
 * reach the server's kernel, or somebody between answers them.
 */
export type Segments = "arrive" | "answered-between" | "unknown";

export interface FarEnd {
  segments: Segments;
  /** Keepalives that were answered to us, and segments that reached the server. */
  answered: number;
  arrived: number;
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
  const seen = async () => {
    const question = { ask: "kernel", connection } as const;
    await using other = await path.ask<"kernel">(question, instance);
    return other.answer.kernel?.tcp?.segmentsIn;
  };
  // The last acknowledgements are in by then.
  await path.wait(300);
  const [before, mine] = [await seen(), own.tcpInfo()?.segmentsIn];
  const told = { kernel, ours, instance };
  if (before === undefined || mine === undefined) {
    return { segments: "unknown", answered: 0, arrived: 0, ...told };
  }
  own.keepAlive(KEEP_ALIVE);
  const answered = () => (own.tcpInfo()?.segmentsIn ?? mine) - mine;
  const until = performance.now() + PATIENCE;
  while (answered() < 2 && performance.now() < until) {
    await path.wait(LOOK_EVERY);
  }
  own.keepAlive(undefined);
  const arrived = ((await seen()) ?? before) - before;
  const counts = { answered: answered(), arrived };
  return { segments: segmentsOf(counts), ...counts, ...told };
}

/** A proxy may send keepalives of its own: one that arrives is no proof. */
function segmentsOf({
  answered,
  arrived,
}: Pick<FarEnd, "answered" | "arrived">): Segments {
  if (answered < 2) return "unknown";
  if (arrived >= 2) return "arrive";
  return arrived === 0 ? "answered-between" : "unknown";
}

function hashOf(tls: { exportKey(length: number, label: string): Buffer }) {
  return new Bun.CryptoHasher("sha256")
    .update(tls.exportKey(32, TLS_LABEL))
    .digest("hex");
}
