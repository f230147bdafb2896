import { crc32 } from "node:zlib";

import { codeOf } from "../../../errors/errors.ts";
import { PERIOD } from "../../../load/message/payload.ts";
import { readLater } from "../../../protocol/cooperation/answer.ts";
import { patternAt } from "../../../protocol/cooperation/pattern.ts";
import type { Path } from "../../path.ts";
import { type Moved, payload } from "./echo-load.ts";

const CHUNK = 64 * 1024;

/**
 * Toward the server alone, which tells how much came, and its checksum.
 * @param time milliseconds for it; what is under way then still counts
 * @returns undefined where the server's word did not come
 * @throws as Path.ask()
 */
export async function up(
  path: Path,
  bytes: number,
  time: number,
): Promise<Moved | undefined> {
  await using asked = await path.askOnce({ ask: "late", after: 0 });
  const { conversation } = asked;
  const { block } = payload();
  const began = performance.now();
  const over = AbortSignal.timeout(time);
  const signal = AbortSignal.any([over, path.stop]);
  let sent = 0;
  let sum = 0;
  try {
    while (sent < bytes && !over.aborted) {
      const place = sent % PERIOD;
      const length = Math.min(CHUNK, bytes - sent);
      const piece = block.subarray(place, place + length);
      sum = crc32(piece, sum);
      sent += length;
      // What was not sent by then still will be.
      await conversation.connection.write(piece, { signal }).catch((error) => {
        if (!over.aborted) throw error;
      });
    }
    conversation.connection.finish();
    const line = await conversation.answer(path.reach.timeout);
    const later = readLater(line, "late");
    if (later === undefined) return undefined;
    const seconds = (performance.now() - began) / 1000;
    const { received } = later;
    const end = sent < bytes ? "time" : "all";
    if (received === sent && later.crc32 === sum) {
      return { bytes: received, seconds, end };
    }
    const text =
      received === sent
        ? "what arrived at the server has another checksum"
        : `${received} of ${sent} bytes arrived at the server`;
    return {
      bytes: received,
      seconds,
      end: "altered",
      wrong: { offset: 0, text },
    };
  } catch {
    path.stop.throwIfAborted();
    return undefined;
  }
}

/**
 * From the server alone: undefined where it sends no more than it was sent.
 * @param time milliseconds for it
 * @throws as Path.ask()
 */
export async function down(
  path: Path,
  bytes: number,
  time: number,
): Promise<Moved | undefined> {
  await using asked = await path.askOnce({ ask: "send", bytes });
  if (!asked.answer.atOnce) return undefined;
  const { conversation } = asked;
  const began = performance.now();
  let seen = 0;
  const moved = (end: Moved["end"], wrong?: Moved["wrong"]): Moved => {
    const seconds = (performance.now() - began) / 1000;
    return { bytes: seen, seconds, end, wrong };
  };
  while (seen < bytes) {
    const left = began + time - performance.now();
    if (left <= 0) return moved("time");
    let got: Buffer | undefined;
    try {
      got = await conversation.readAsItIs(
        Math.min(left, path.reach.timeout / 2),
      );
    } catch (error) {
      path.stop.throwIfAborted();
      if (codeOf(error) !== "ETIMEDOUT") return moved("RST");
      return moved(performance.now() >= began + time ? "time" : "stalled");
    }
    if (got === undefined) return moved("FIN");
    for (let at = 0; at < got.length;) {
      const expected = patternAt(seen, got.length - at);
      const piece = got.subarray(at, at + expected.length);
      if (!piece.equals(expected)) {
        let same = 0;
        while (piece[same] === expected[same]) same += 1;
        seen += same;
        const text = "what came is not what the server sent";
        return moved("altered", { offset: seen, text });
      }
      seen += piece.length;
      at += piece.length;
    }
  }
  return moved("all");
}
