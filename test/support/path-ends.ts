import type { FaultEvent } from "../../src/faults/link.ts";
import { faultyEcho } from "./faulty-echo.ts";
import { startProxy } from "../../src/proxy/proxy.ts";
import { peer } from "./python.ts";

/** What one end does: see test/peers/path_ends.py. */
export interface Part {
  /** `[milliseconds to wait, text, times]` */
  send?: [number, string, number][];
  lastly?: "finish" | "reset" | "nothing";
  read_after?: number;
  read_size?: number;
  /** Seconds. */
  patience?: number;
}

/** What it saw; milliseconds of one clock. */
export interface Seen {
  got: Buffer;
  reads: [number, number][];
  sent: number[];
  ended: string | null;
  endedAt?: number;
  sendError?: string;
}

function whole({ send = [], lastly = "nothing", ...part }: Part): object {
  return { send, lastly, ...part };
}

/** Two ends in Python, with whatever `path` opens between them. */
async function play(
  parts: { client: Part; server?: Part },
  path: (target: number) => Promise<{ port: number } & AsyncDisposable>,
): Promise<{ client: Seen; server: Seen }> {
  const child = Bun.spawn(peer("path_ends"), {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stderr = child.stderr.getReader();
  const { value } = await stderr.read();
  await using between = await path(Number(new TextDecoder().decode(value)));
  const plan = {
    port: between.port,
    client: whole(parts.client),
    ...(parts.server && { server: whole(parts.server) }),
  };
  void child.stdin.write(`${JSON.stringify(plan)}\n`);
  void child.stdin.end();
  const text = await child.stdout.text();
  if (text === "") throw new Error((await stderr.read()).value?.toString());
  return JSON.parse(text, (key, found) =>
    key === "got" ? Buffer.from(found, "base64") : found,
  );
}

/** Plays a client of an echo that has faults. */
export async function atEcho(texts: readonly string[], client: Part) {
  const events: FaultEvent[] = [];
  const told: string[] = [];
  const { client: seen } = await play({ client }, async () => {
    const echo = faultyEcho(texts, { onFault: (event) => events.push(event) });
    return {
      port: echo.port,
      async [Symbol.asyncDispose]() {
        // Before it ends what is still open.
        told.push(...echo.told);
        echo[Symbol.dispose]();
      },
    };
  });
  return { seen, events, told };
}

/** Plays a client of something that listens there. */
export async function atPort(port: number, client: Part): Promise<Seen> {
  const there = { port, async [Symbol.asyncDispose]() {} };
  return (await play({ client }, async () => there)).client;
}

/** Plays both ends of a path that has faults. */
export async function overPath(
  texts: readonly string[],
  client: Part,
  server: Part,
) {
  const events: FaultEvent[] = [];
  const seen = await play({ client, server }, async (target) => {
    const proxy = await startProxy({
      target: `127.0.0.1:${target}`,
      faults: texts,
      onFault: (event) => events.push(event),
    });
    return {
      port: proxy.port!,
      [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
    };
  });
  return { ...seen, events };
}
