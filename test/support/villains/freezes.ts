import type { Socket } from "node:net";

import { type Villain, villain } from "../../villains/villain.ts";

export interface Freezer extends Villain {
  /** Milliseconds for which it was really frozen. */
  frozen: number;
}

/** Echoes, but for one time: `after` messages it does nothing for `ms`. */
export async function freezes(after: number, ms: number): Promise<Freezer> {
  let seen = 0;
  let since: number | undefined;
  const waiting: [Socket, Buffer][] = [];
  const thaw = () => {
    freezer.frozen = performance.now() - since!;
    since = undefined;
    for (const [socket, message] of waiting) socket.write(message);
  };
  const server = await villain((socket) => {
    socket.on("data", (message: Buffer) => {
      seen += 1;
      if (seen === after) {
        since = performance.now();
        setTimeout(thaw, ms);
      }
      if (since === undefined) socket.write(message);
      else waiting.push([socket, message]);
    });
    socket.on("end", () => socket.end());
  });
  const freezer: Freezer = Object.assign(server, { frozen: 0 });
  return freezer;
}
