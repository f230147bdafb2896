import { expect, test } from "bun:test";

import { readTrace } from "../../src/diagram/read.ts";
import type { TraceEvent } from "../../src/socket/trace/event.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { peerProgram } from "../support/peer.ts";

const strace = peerProgram("strace");

/** Calls, each as our traces name what it does; others are no steps. */
function stepsIn(log: string): string[] {
  const steps: string[] = [];
  const sockets = new Set<string>();
  for (const line of log.split("\n")) {
    const [, call = "", fd = "", rest = "", result = ""] =
      /^\d+ +[\d.]+ (\w+)\((\d+)(.*)\) += (-?\d+|\?)/.exec(line) ?? [];
    const count = Number(result);
    switch (call) {
      case "connect":
        // Others, such as the resolver's, are no streams of ours.
        if (!/sin_port=htons\(\d+\)|sun_path/.test(rest)) break;
        sockets.add(fd);
        steps.push("connect");
        break;
      case "accept4":
        if (count < 0) break;
        sockets.add(result);
        steps.push("accept");
        break;
      case "sendto":
        if (sockets.has(fd) && count > 0) steps.push("write");
        break;
      case "recvfrom":
        if (!sockets.has(fd) || count < 0) break;
        steps.push(count === 0 ? "finished" : "read");
        break;
      case "shutdown":
        if (sockets.has(fd)) steps.push("finish");
        break;
      default:
    }
  }
  return steps;
}

const STEPS = ["connect", "accept", "write", "read", "finish", "finished"];

/** The same of a trace; what ends both ways at once calls no shutdown. */
function stepsOf(events: readonly TraceEvent[]): string[] {
  return events.map(({ verb }) => verb).filter((verb) => STEPS.includes(verb));
}

interface Conversation {
  name: string;
  input: string;
  server?: string[];
  address?: string;
}

const CONVERSATIONS: Conversation[] = [
  { name: "a line", input: "printf 'hello\\n'" },
  { name: "two lines", input: "printf one; sleep 0.2; printf two" },
  { name: "nothing at all", input: "true" },
  { name: "stamps", input: "printf hello", server: ["--reply", "stamp"] },
  {
    name: "information first",
    input: "sleep 0.2; printf hi",
    server: ["--reply", "info"],
  },
  { name: "a late line", input: "sleep 0.3; printf late" },
  {
    name: "a server that resets",
    input: "printf hello; sleep 0.3",
    server: ["--fault", "reset after 3"],
  },
  {
    name: "a server that finishes first",
    input: "printf hello; sleep 0.5",
    server: ["--fault", "finish after 3"],
  },
  {
    name: "a server that is slow",
    input: "printf hello",
    server: ["--fault", "delay 100ms"],
  },
  { name: "a Unix socket", input: "printf hello", address: "unix" },
];

test.skipIf(strace === undefined).each(CONVERSATIONS)(
  "$name: steps are told in the order of the kernel's calls",
  async ({ input, server = [], address = "tcp" }) => {
    await using folder = await temporaryFolder();
    const at =
      address === "unix" ? `unix:${folder.path("socket")}` : "127.0.0.1:0";
    const traced = (log: string) => [
      strace!,
      "-f",
      "-ttt",
      "-e",
      "trace=connect,accept4,sendto,recvfrom,shutdown",
      "-o",
      folder.path(log),
    ];
    const [ours, theirs] = [folder.path("s.jsonl"), folder.path("c.jsonl")];
    const reply = server.includes("--reply") ? [] : ["--reply", "raw"];
    const flags = [...server, ...reply, "--trace-json", ours];
    await using serving = new Program([
      ...traced("server.log"),
      ...sounder("server", at, ...flags),
    ]);
    const [, place] = await serving.says(/Listening on (\S+?);/);
    const command = [
      ...traced("client.log"),
      ...sounder("client", place!, "--trace-json", theirs),
    ];
    const quoted = command.map((word) => `'${word}'`).join(" ");
    await run(["sh", "-c", `(${input}) | ${quoted}`]);
    serving.child.kill("SIGINT");
    process.kill(-serving.child.pid, "SIGINT");
    await serving.ended();
    const text = (name: string) => Bun.file(name).text();
    const isFaulty = server.includes("--fault");
    for (const [log, trace] of [
      ["client.log", theirs],
      ["server.log", ours],
    ] as const) {
      const calls = stepsIn(await text(folder.path(log)));
      const told = stepsOf(readTrace(await text(trace), trace));
      // A fault lies between the socket and the side that is traced.
      if (isFaulty && log === "server.log") continue;
      expect(calls.length).toBeGreaterThan(1);
      // Both ways are closed at once by close(), which is no step.
      const isHalf = calls.includes("finish");
      const kept = told.filter((step) => step !== "finish" || isHalf);
      expect(kept).toEqual(withoutDoubles(calls, kept));
    }
  },
);

/** The kernel may be asked for a FIN once more. */
function withoutDoubles(calls: readonly string[], told: readonly string[]) {
  const ends = told.filter((step) => step === "finished").length;
  let seen = 0;
  return calls.filter((call) => call !== "finished" || (seen += 1) <= ends);
}
