import { Transform, type TransformCallback } from "node:stream";

import { type Villain, villain } from "./villain.ts";

/** Echoes what `forge` makes of each chunk, whose first byte is at `offset`. */
function forger(
  forge: (chunk: Buffer, offset: number) => Uint8Array,
  last = "",
): Promise<Villain> {
  return villain((socket) => {
    let offset = 0;
    const forged = new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        const bytes = forge(chunk, offset);
        offset += chunk.length;
        done(null, bytes);
      },
      flush: (done) => done(null, last),
    });
    socket.pipe(forged).pipe(socket);
  });
}

/** A forger of one byte, with what comes instead of it. */
function forgerAt(
  at: number,
  instead: (byte: Buffer) => Uint8Array,
): Promise<Villain> {
  return forger((chunk, offset) => {
    const index = at - offset;
    if (index < 0 || index >= chunk.length) return chunk;
    return Buffer.concat([
      chunk.subarray(0, index),
      instead(chunk.subarray(index, index + 1)),
      chunk.subarray(index + 1),
    ]);
  });
}

export function flipsABit(at: number): Promise<Villain> {
  return forgerAt(at, (byte) => Buffer.of(byte[0]! ^ 1));
}

/** All is right, and then comes more. */
export function addsAtTheEnd(surplus: string): Promise<Villain> {
  return forger((chunk) => chunk, surplus);
}
