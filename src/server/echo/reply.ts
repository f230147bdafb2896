import { release } from "../../socket/release.ts";
import type { Wire } from "../../socket/wire.ts";
import type { Peer } from "../peer.ts";
import { Stamper } from "../../protocol/stamp/stamper.ts";
import { STAMP_LENGTH } from "../../protocol/stamp/form.ts";
import type { ReplyKind } from "../../protocol/reply.ts";

/**
 * Answers one chunk.
 * @returns whether the kernel took the whole answer
 */
export type Reply = (wire: Wire<Peer>, chunk: Buffer) => boolean;

/**
 * Where one copy into the scratch buffer begins to cost more than a second
 * system call: where the answer fits one loopback segment no more. Measured by
 * bench/stamp.bench.ts, which found 65,483 bytes of answer.
 */
export const COPY_MAX = 65_483 - STAMP_LENGTH;

/** RFC 862: the bytes, unchanged. */
const raw: Reply = (wire, chunk) => {
  const peer = wire.data;
  peer.bytesIn += chunk.length;
  return peer.outbox.send(wire, chunk);
};

/**
 * The local time, then the chunk: in one write where the copy is cheap, since
 * two writes are two segments.
 */
function stamp(now?: () => number): Reply {
  const scratch = Buffer.allocUnsafeSlow(STAMP_LENGTH + COPY_MAX);
  const stamper = new Stamper(scratch, now);

  return (wire, chunk) => {
    const peer = wire.data;
    const { outbox } = peer;
    peer.bytesIn += chunk.length;
    peer.added += STAMP_LENGTH;
    stamper.refresh();

    if (chunk.length > COPY_MAX || outbox.pending > 0) {
      outbox.send(wire, Buffer.from(scratch.subarray(0, STAMP_LENGTH)));
      return outbox.send(wire, chunk);
    }
    scratch.set(chunk, STAMP_LENGTH);
    const length = STAMP_LENGTH + chunk.length;
    const taken = wire.write(scratch, 0, length);
    if (taken === length) {
      release(chunk);
      return true;
    }
    if (taken < 0) outbox.refused = true;
    // The scratch is shared, the chunk is not: only the stamp's tail is copied.
    const sent = Math.max(taken, 0);
    if (sent < STAMP_LENGTH) {
      outbox.hold(Buffer.from(scratch.subarray(sent, STAMP_LENGTH)));
    }
    outbox.hold(chunk.subarray(Math.max(sent - STAMP_LENGTH, 0)));
    return false;
  };
}

const MAKERS: Record<ReplyKind, (now?: () => number) => Reply> = {
  stamp,
  raw: () => raw,
  // Behind its line.
  info: () => raw,
};

/** @param now milliseconds since 1970, for tests that choose the time */
export function replyOf(kind: ReplyKind, now?: () => number): Reply {
  return MAKERS[kind](now);
}
