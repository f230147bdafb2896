import { expect, test } from "bun:test";

import { onOneClock } from "../../src/diagram/merge.ts";
import { readTrace } from "../../src/diagram/read.ts";
import type { TraceEvent } from "../../src/socket/trace/event.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { freePort } from "../support/free-port.ts";
import { peerProgram } from "../support/peer.ts";
import { type Call, CALLS, callsIn } from "../support/strace.ts";

const strace = peerProgram("strace");

/** Where containers forbid ptrace(2), strace is of no use. */
async function mayTrace(): Promise<boolean> {
  if (strace === undefined) return false;
  const { status, stderr } = await run([strace, "-o", "/dev/null", "true"]);
  if (status === 0) return true;
  console.error(`strace may not trace here: ${stderr.trim()}`);
  if (process.env["CI"] !== undefined) throw new Error("strace may not trace");
  return false;
}

const skip = !(await mayTrace());

const STEPS = [
  "connect",
  "accept",
  "write",
  "read",
  "finish",
  "finished",
  "reset",
];

function stepsIn(events: readonly TraceEvent[]): TraceEvent[] {
  return events.filter(({ verb }) => STEPS.includes(verb));
}

interface Conversation {
  name: string;
  input: string;
  /** Of whoever reads what the client prints. */
  reader?: string;
  server?: string[];
  client?: string[];
  kind?: "tcp" | "tls" | "unix";
}

const CONVERSATIONS: Conversation[] = [
  { name: "the client finishes first", input: "printf 'hello\\n'" },
  {
    name: "the server finishes first",
    input: "printf hello; sleep 0.5",
    server: ["--fault", "finish after 3"],
  },
  {
    name: "the server resets",
    input: "printf hello; sleep 0.5",
    server: ["--fault", "reset after 3"],
  },
  {
    name: "the client resets",
    input: "printf hello; sleep 0.5",
    server: ["--fault", "mute"],
    client: ["--timeout", "300ms"],
  },
  {
    name: "TLS",
    input: "printf one; sleep 0.2; printf two",
    client: ["--tls-insecure"],
    kind: "tls",
  },
  {
    name: "a slow reader",
    input: "head -c 4000000 /dev/zero",
    reader: "sleep 0.5; cat >/dev/null",
  },
  { name: "a Unix socket", input: "printf hello", kind: "unix" },
  {
    name: "several writes",
    input: "printf one; sleep 0.2; printf two; sleep 0.2; printf three",
    server: ["--reply", "stamp"],
  },
  { name: "nothing at all", input: "true" },
  {
    name: "a server that is slow",
    input: "printf hello",
    server: ["--fault", "delay 100ms"],
  },
];

/** Under strace, with what the two sides told and their calls. */
async function observe(conversation: Conversation) {
  const { input, reader = "cat", client = [], kind = "tcp" } = conversation;
  const server = conversation.server ?? [];
  await using folder = await temporaryFolder();
  const address = {
    tcp: "127.0.0.1:0",
    tls: "tls://127.0.0.1:0",
    unix: `unix:${folder.path("socket")}`,
  }[kind];
  const reply = server.includes("--reply") ? [] : ["--reply", "raw"];
  const command = (side: string, ...args: string[]) => [
    strace!,
    "-f",
    "-ttt",
    "-e",
    CALLS,
    "-o",
    folder.path(`${side}.log`),
    ...sounder(side, ...args, "--trace-json", folder.path(`${side}.jsonl`)),
  ];
  await using serving = new Program(
    command("server", address, ...reply, ...server),
  );
  const [, place] = await serving.says(/Listening on (\S+?);/);
  const words = command("client", place!, ...client);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const { stderr } = await run([
    "sh",
    "-c",
    `(${input}) | ${quoted} | (${reader})`,
  ]);
  serving.child.kill("SIGINT");
  process.kill(-serving.child.pid, "SIGINT");
  await serving.ended();
  const of = async (side: string) => {
    const text = (name: string) => Bun.file(folder.path(name)).text();
    const events = readTrace(await text(`${side}.jsonl`), `${side}.jsonl`);
    return { events, calls: callsIn(await text(`${side}.log`)) };
  };
  return { client: await of("client"), server: await of("server"), stderr };
}

/** What ends both ways at once calls no shutdown: close() does it. */
function toldIn(events: readonly TraceEvent[], calls: readonly Call[]) {
  const isHalf = calls.some(({ verb }) => verb === "finish");
  return stepsIn(events)
    .toSorted((a, b) => a.at - b.at)
    .filter(({ verb }) => verb !== "finish" || isHalf);
}

/** The kernel may be asked for a FIN, or told of a reset, once more. */
function withoutDoubles(calls: readonly Call[]): Call[] {
  const seen = new Set<string>();
  return calls.filter(({ verb }) => {
    if (verb !== "finished" && verb !== "reset") return true;
    const isFirst = !seen.has(verb);
    seen.add(verb);
    return isFirst;
  });
}

/** Calls carry what TLS adds, too: of them each step has one, in their order. */
function among(calls: readonly Call[], told: readonly TraceEvent[]): Call[] {
  let next = 0;
  return told.map(({ verb, at }) => {
    const kinds = AS_RECORDS[verb] ?? [verb];
    const place = calls.findIndex(
      (call, index) =>
        index >= next &&
        kinds.includes(call.verb) &&
        Math.abs(call.at - at) < CLOSE,
    );
    if (place < 0) throw new Error(`no call is the ${verb} at ${at}`);
    next = place + 1;
    return calls[place]!;
  });
}

/** Milliseconds: lines of a conversation are further apart. */
const CLOSE = 100;

/** The end of a direction is an alert of its own, before the FIN. */
const AS_RECORDS: Readonly<Record<string, string[]>> = {
  finish: ["write", "finish"],
  finished: ["read", "finished"],
};

/** How much later, in milliseconds, a call is than one told behind it. */
function disorder(calls: readonly Call[]): number {
  let latest = -Infinity;
  let most = 0;
  for (const { at } of calls) {
    most = Math.max(most, latest - at);
    latest = Math.max(latest, at);
  }
  return most;
}

test.skipIf(skip).each(CONVERSATIONS)(
  "$name: steps are told in the order of the kernel's calls",
  async (conversation) => {
    const { client, server } = await observe(conversation);
    const own: Call[] = [];
    const numbered: TraceEvent[] = [];
    for (const { events, calls } of [client, server]) {
      const told = toldIn(events, calls);
      expect(told.length).toBeGreaterThan(1);
      const isTls = conversation.kind === "tls";
      const found = isTls ? among(calls, told) : withoutDoubles(calls);
      const verbs = told.map(({ verb }) => verb);
      if (!isTls) expect(verbs).toEqual(found.map(({ verb }) => verb));
      for (const [index, event] of told.entries()) {
        numbered.push({ ...event, connection: own.length });
        own.push(found[index]!);
      }
    }
    const of = (side: string) => numbered.filter((one) => one.side === side);
    const { events } = onOneClock(of("client"), of("server"));
    expect(events.length).toBe(own.length);
    const merged = events.map(({ connection }) => own[connection!]!);
    // What strace itself takes between a call and what is told of it.
    expect(disorder(merged)).toBeLessThan(50);
  },
  30_000,
);

test.skipIf(skip)("a refused connection is a connect and no more", async () => {
  await using folder = await temporaryFolder();
  const [log, trace] = [folder.path("log"), folder.path("trace.jsonl")];
  const place = `127.0.0.1:${freePort()}`;
  const command = sounder("client", place, "--trace-json", trace);
  const options = ["-f", "-ttt", "-e", CALLS, "-o", log];
  const { status } = await run([strace!, ...options, ...command]);
  expect(status).toBe(1);
  const calls = callsIn(await Bun.file(log).text());
  // Then its route is looked for, with a datagram socket.
  expect(calls[0]!.verb).toBe("connect");
  const verbs = calls.map(({ verb }) => verb);
  expect(verbs.filter((verb) => /read|write|fin/.test(verb))).toEqual([]);
  const events = readTrace(await Bun.file(trace).text(), "trace.jsonl");
  const told = events.map(({ verb }) => verb);
  expect(told).toEqual(["socket", "connect", "failed"]);
});
