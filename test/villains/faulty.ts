import { startServer } from "../../src/server/server.ts";

/** A server that misbehaves in ways that faults can be asked for. */
export interface Faulty extends AsyncDisposable {
  address: string;
  port: number;
}

/** Echoes, but for these faults. */
async function faulty(...faults: string[]): Promise<Faulty> {
  const server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
    faults,
  });
  const port = server.port!;
  return {
    address: `127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Echoes all of it, in order, but byte by byte. */
export const drips = () => faulty("slice 1 0ms");

export const drops = (count: number, at: number) =>
  faulty(`drop ${count} after ${at}`);

/** What comes from `at` on is sent twice. */
export const repeats = (count: number, at: number) =>
  faulty(`repeat ${count} after ${at}`);

/** Echoes `count` bytes, and resets the connection behind them. */
export const resetsAfter = (count: number) => faulty(`reset after ${count}`);

/** Echoes `count` bytes, and then a FIN: what comes is read, and dropped. */
export const finishesAfter = (count: number) => faulty(`finish after ${count}`);
