import { type Villain, villain } from "./villain.ts";

export interface Delayer extends Villain {
  /** Milliseconds for which each message was really held. */
  held: number[];
  /** How much longer that was than it was to be. */
  late: number[];
}

/**
 * Echoes each message later: the first by the first of `delays` (milliseconds),
 * the next, of whichever connection, by the next, and so on from the start.
 */
export async function delays(...list: number[]): Promise<Delayer> {
  const held: number[] = [];
  const late: number[] = [];
  let n = 0;
  const server = await villain((socket) => {
    socket.on("data", (message: Buffer) => {
      const arrived = performance.now();
      const delay = list[n++ % list.length]!;
      setTimeout(() => {
        const ms = performance.now() - arrived;
        held.push(ms);
        late.push(ms - delay);
        socket.write(message);
      }, delay);
    });
    socket.on("end", () => socket.end());
  });
  return Object.assign(server, { held, late });
}
