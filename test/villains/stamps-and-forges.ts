import { type Villain, villain } from "../../villains/villain.ts";

const STAMP = "[Sun Nov  1 09:05:07 2026] ";

/**
 * Answers as a stamping server does, and with `forge`'s bytes instead of the
 * chunk in which each connection's byte `at` is.
 */
export function stampsAndForges(
  at: number,
  forge: (chunk: Buffer, index: number) => Uint8Array,
): Promise<Villain> {
  return villain((socket) => {
    let offset = 0;
    socket.on("data", (chunk: Buffer) => {
      const index = at - offset;
      offset += chunk.length;
      const inside = index >= 0 && index < chunk.length;
      socket.write(STAMP);
      socket.write(inside ? forge(chunk, index) : chunk);
    });
    socket.on("end", () => socket.end());
  });
}
