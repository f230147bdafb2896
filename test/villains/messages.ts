import type { Socket } from "node:net";

/** Cuts what a socket receives into messages of `size` bytes, numbered from 0. */
export function onMessages(
  socket: Socket,
  size: number,
  take: (message: Buffer, number: number) => void,
): void {
  let rest = Buffer.alloc(0);
  let number = 0;
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= size) {
      take(rest.subarray(0, size), number);
      number += 1;
      rest = rest.subarray(size);
    }
  });
  socket.on("end", () => socket.end());
}
