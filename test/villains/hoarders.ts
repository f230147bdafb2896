import { type Villain, villain } from "./villain.ts";

/** Answers only once the peer has finished, with all that it sent. */
export function hoards(): Promise<Villain> {
  return villain((socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => socket.end(Buffer.concat(chunks)));
  });
}
