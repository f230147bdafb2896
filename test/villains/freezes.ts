import type { Socket } from "node:net";

import { type Villain, villain } from "./villain.ts";

export interface Freezer extends Villain {
  /** When it froze and when it thawed, by `performance.now()`. */
  froze: number;
  thawed: number;
  /** When each message came. */
  arrivals: number[];
}

/** Echoes, but for one time: `after` messages it does nothing for `ms`. */
export async function freezes(after: number, ms: number): Promise<Freezer> {
  const waiting: [Socket, Buffer][] = [];
  const server = await villain((socket) => {
    socket.on("data", (message: Buffer) => {
      freezer.arrivals.push(performance.now());
      if (freezer.arrivals.length === after) {
        freezer.froze = performance.now();
        setTimeout(thaw, ms);
      }
      const frozen = freezer.froze > freezer.thawed;
      if (frozen) waiting.push([socket, message]);
      else socket.write(message);
    });
    socket.on("end", () => socket.end());
  });
  const freezer: Freezer = Object.assign(server, {
    froze: 0,
    thawed: 0,
    arrivals: [],
  });
  function thaw(): void {
    freezer.thawed = performance.now();
    for (const [socket, message] of waiting) socket.write(message);
  }
  return freezer;
}
