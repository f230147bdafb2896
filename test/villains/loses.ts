import { type Villain, villain } from "./villain.ts";
import { onMessages } from "./messages.ts";

/** Echoes, but for one message of each connection. */
export function loses(size: number, which: number): Promise<Villain> {
  return villain((socket) =>
    onMessages(socket, size, (message, number) => {
      if (number !== which) socket.write(message);
    }),
  );
}
