import type { Socket } from "node:net";

import { type Villain, villain } from "./villain.ts";
import { onMessages } from "./messages.ts";

/**
 * Echoes, and sends one message of a connection to the next one to be accepted,
 * and the other way about.
 */
export function swaps(size: number, which: number): Promise<Villain> {
  let other: { socket: Socket; message: Buffer } | undefined;
  return villain((socket) =>
    onMessages(socket, size, (message, number) => {
      if (number !== which) {
        socket.write(message);
      } else if (other === undefined) {
        other = { socket, message };
      } else {
        other.socket.write(message);
        socket.write(other.message);
        other = undefined;
      }
    }),
  );
}
