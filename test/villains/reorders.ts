import { type Villain, villain } from "./villain.ts";
import { onMessages } from "./messages.ts";

/** Echoes, and sends one message of each connection behind the next. */
export function reorders(size: number, which: number): Promise<Villain> {
  return villain((socket) => {
    let held: Buffer = Buffer.alloc(0);
    onMessages(socket, size, (message, number) => {
      if (number === which) {
        held = message;
        return;
      }
      socket.write(Buffer.concat([message, held]));
      held = Buffer.alloc(0);
    });
  });
}
