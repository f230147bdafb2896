import { type Villain, villain } from "./villain.ts";

/** Echoes `count` bytes of each connection, and then only reads. */
export function goesSilent(count: number): Promise<Villain> {
  return villain((socket) => {
    let left = count;
    socket.on("data", (chunk: Buffer) => {
      const answer = chunk.subarray(0, left);
      left -= answer.length;
      if (answer.length > 0) socket.write(answer);
    });
    socket.on("end", () => socket.end());
  });
}
