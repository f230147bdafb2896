import { type Villain, villain } from "./villain.ts";

/** Echoes all of it, in order, but byte by byte. No villain, really. */
export function drips(): Promise<Villain> {
  return villain((socket) => {
    let owed = Buffer.alloc(0);
    const drip = () => {
      socket.write(owed.subarray(0, 1));
      owed = owed.subarray(1);
      if (owed.length > 0) setImmediate(drip);
    };
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      const dry = owed.length === 0;
      owed = Buffer.concat([owed, chunk]);
      if (dry) drip();
    });
    socket.on("end", () => socket.end());
  });
}
