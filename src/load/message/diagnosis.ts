import type { Fault } from "../../result/result.ts";
import type { LoadConnection } from "../connection.ts";
import { type Payload, PERIOD } from "./payload.ts";

/** What was wrong with what came back. */
export interface Finding {
  fault: Omit<Fault, "connection">;
  /** Bytes that are wrong. */
  mismatched: number;
}

/**
 * Finds the first wrong byte of a chunk that is not what should have come, and
 * where it is from.
 *
 * @param near how many bytes may be under way on a connection
 * @param all the connections, among them those it might be from
 */
export function inPayload(
  connection: LoadConnection,
  chunk: Buffer,
  payload: Payload,
  near: number,
  all: Iterable<LoadConnection | undefined>,
): Finding {
  const { block } = payload;
  const { readPlace, outstanding, received } = connection;
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
    underWay(all, connection),
  );
  const { kind, text }: Pick<Fault, "kind" | "text"> =
    at === expected && found.kind === "changed"
      ? { kind: "surplus", text: "more came back than was sent" }
      : found;
  return { fault: { offset: received + at, kind, text }, mismatched };
}

/** @param mismatched how many bytes of the stamp, or of this part, are wrong */
export function inStamp(
  { received }: LoadConnection,
  stamp: Buffer,
  mismatched: number,
): Finding {
  const text = `a stamp is damaged: ${JSON.stringify(stamp.toString("latin1"))}`;
  return { fault: { offset: received, kind: "changed", text }, mismatched };
}

function* underWay(
  all: Iterable<LoadConnection | undefined>,
  except: LoadConnection,
) {
  for (const connection of all) {
    if (connection === undefined || connection === except) continue;
    const { index, readPlace, outstanding } = connection;
    yield { connection: index, from: readPlace, bytes: outstanding };
  }
}
