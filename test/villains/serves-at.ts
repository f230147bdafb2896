import { type Villain, villain } from "./villain.ts";

/**
 * Echoes one message after the other, whosever it is, and no more than `rate` a
 * second: what comes faster waits in line.
 */
export function servesAt(rate: number): Promise<Villain> {
  let free = 0;
  return villain((socket) => {
    socket.on("data", (message: Buffer) => {
      const now = performance.now();
      free = Math.max(free, now) + 1000 / rate;
      setTimeout(() => socket.write(message), free - now);
    });
    socket.on("end", () => socket.end());
  });
}
