import type { Socket } from "node:net";

import { type Villain, villain } from "./villain.ts";

/** Echoes until `count` bytes were answered, then quits. */
function quitter(
  count: number,
  quit: (socket: Socket) => void,
): Promise<Villain> {
  return villain((socket) => {
    let left = count;
    socket.on("data", (chunk: Buffer) => {
      const answer = chunk.subarray(0, left);
      left -= answer.length;
      socket.write(answer, () => {
        if (left === 0) quit(socket);
      });
    });
  });
}

/** Sends its FIN so many milliseconds after `count` bytes, and reads no more. */
export function finishesLater(count: number, ms: number): Promise<Villain> {
  return quitter(count, (socket) => {
    socket.pause();
    setTimeout(() => socket.end(), ms);
  });
}

/** Is gone as soon as it is there. */
export function slamsTheDoor(): Promise<Villain> {
  return villain((socket) => socket.end());
}
