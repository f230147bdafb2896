import { type Villain, villain } from "./villain.ts";

const STAMP = "[Sun Nov  1 09:05:07 2026] ";

/**
 * Answers as a stamping server does, and with `forge`'s bytes instead of the
 * chunk in which each connection's byte `at` is.
 * @param stamp what stands before each chunk
 */
export function stampsAndForges(
  at: number,
  forge: (chunk: Buffer, index: number) => Uint8Array,
  stamp = STAMP,
): Promise<Villain> {
  return villain((socket) => {
    let offset = 0;
    socket.on("data", (chunk: Buffer) => {
      const index = at - offset;
      offset += chunk.length;
      const inside = index >= 0 && index < chunk.length;
      socket.write(stamp);
      socket.write(inside ? forge(chunk, index) : chunk);
    });
    socket.on("end", () => socket.end());
  });
}
