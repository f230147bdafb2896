import { type Villain, villain } from "./villain.ts";
import { onMessages } from "./messages.ts";

/** Echoes, and sends one message of each connection twice. */
export function repeats(size: number, which: number): Promise<Villain> {
  return villain((socket) =>
    onMessages(socket, size, (message, number) => {
      socket.write(message);
      if (number === which) socket.write(message);
    }),
  );
}
