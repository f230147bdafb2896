import type { Ended } from "../../protocol/cooperation/answer.ts";
import type { Peer } from "../peer.ts";

/** How many ended connections are remembered. */
const REMEMBERED = 10_000;

/** What is known of a connection beyond what each has. */
export interface Trail {
  /** From `performance.now()`: when the peer's FIN came. */
  finishedAt: number | undefined;
  receivedAfterFinish: number;
}

/** How connections ended, the last 10,000 of them. */
export class Memory {
  private readonly ended = new Map<number, Ended>();

  keep(peer: Peer, trail: Trail | undefined): void {
    this.ended.set(peer.id, endedOf(peer, trail));
    if (this.ended.size <= REMEMBERED) return;
    const [oldest] = this.ended.keys();
    this.ended.delete(oldest!);
  }

  find(id: number): Ended | undefined {
    return this.ended.get(id);
  }
}

/** It so far, or at its end. */
export function endedOf(peer: Peer, trail: Trail | undefined): Ended {
  const seconds = (at: number) => (at - peer.openedAt) / 1000;
  const finishedAt = trail?.finishedAt;
  return {
    how: howOf(peer),
    received: peer.bytesIn,
    sent: peer.bytesOut,
    receivedAfterFinish: trail?.receivedAfterFinish ?? 0,
    seconds: seconds(performance.now()),
    finishedAfter: finishedAt === undefined ? null : seconds(finishedAt),
  };
}

function howOf({ phase, cause }: Peer): Ended["how"] {
  if (phase !== "closed") return "open";
  switch (cause) {
    case "FIN":
    case "truncated":
      return "FIN";
    case "RST":
      return "RST";
    default:
      return "server";
  }
}
