import { type Villain, villain } from "./villain.ts";

/** Reads everything and answers nothing. */
export function swallows(): Promise<Villain> {
  return villain((socket) => socket.resume());
}

/** Reads nothing, until its socket is resumed; then it echoes. */
export function ignores(): Promise<Villain> {
  return villain((socket) => {
    socket.pause();
    socket.on("data", (chunk: Buffer) => socket.write(chunk));
    socket.on("end", () => socket.end());
    socket.pause();
  });
}

/** Says `text` to everybody, whatever they send, and finishes when they do. */
export function babbles(...chunks: (string | Uint8Array)[]): Promise<Villain> {
  return villain((socket) => {
    for (const chunk of chunks) socket.write(chunk);
    socket.on("end", () => socket.end());
    socket.resume();
  });
}
