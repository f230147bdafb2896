import type { Mismatch } from "../../result/result.ts";
import type { Finding } from "./message.ts";
import { type Payload, PERIOD } from "./payload.ts";

/** Where a stream is, on a walk through the payload block. */
export interface StreamPlace {
  /** Its connection. */
  index: number;
  /** Place in the block of the next byte to receive. */
  readPlace: number;
  /** Bytes sent or pending that have not come back. */
  outstanding: number;
  /** Bytes that came back, all in all. */
  received: number;
}

/**
 * Finds the first wrong byte of a chunk that is not what should have come, and
 * where it is from.
 *
 * @param near how many bytes may be under way on a connection
 * @param all the streams, among them those it might be from
 */
export function inPayload(
  stream: StreamPlace,
  chunk: Buffer,
  payload: Payload,
  near: number,
  all: Iterable<StreamPlace>,
): Finding {
  const { block } = payload;
  const { readPlace, outstanding, received } = stream;
  const expected = Math.min(chunk.length, outstanding);
  let at = 0;
  while (at < expected && chunk[at] === block[readPlace + at]) at += 1;
  let mismatched = chunk.length - expected;
  for (let i = at; i < expected; i += 1) {
    if (chunk[i] !== block[readPlace + i]) mismatched += 1;
  }
  const found = payload.explain(
    chunk.subarray(at),
    (readPlace + at) % PERIOD,
    near,
    underWay(all, stream),
  );
  const { kind, text }: Pick<Mismatch, "kind" | "text"> =
    at === expected && found.kind === "changed"
      ? { kind: "surplus", text: "more came back than was sent" }
      : found;
  return { fault: { offset: received + at, kind, text }, mismatched };
}

/**
 * @param mismatched how many bytes of the stamp, or of this part, are wrong
 * @param raw whether they are what was sent
 */
export function inStamp(
  { received }: Pick<StreamPlace, "received">,
  stamp: Buffer,
  mismatched: number,
  raw: boolean,
): Finding {
  const text = raw
    ? "no stamp, but what was sent, as with --reply raw"
    : `a stamp is damaged: ${JSON.stringify(stamp.toString("latin1"))}`;
  return { fault: { offset: received, kind: "changed", text }, mismatched };
}

function* underWay(all: Iterable<StreamPlace>, except: StreamPlace) {
  for (const stream of all) {
    if (stream === except) continue;
    const { index, readPlace, outstanding } = stream;
    yield { connection: index, from: readPlace, bytes: outstanding };
  }
}
