import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { buildDiagram } from "../../src/diagram/build.ts";
import { diagramsOf } from "../../src/diagram/connections.ts";
import { htmlOf } from "../../src/diagram/html.ts";
import { onOneClock } from "../../src/diagram/merge.ts";
import { mermaidOf } from "../../src/diagram/mermaid.ts";
import { readTrace } from "../../src/diagram/read.ts";
import { svgOf } from "../../src/diagram/svg.ts";
import { textOf } from "../../src/diagram/text.ts";
import { run } from "../support/cli.ts";
import { peerProgram } from "../support/peer.ts";
import { event } from "./events.ts";

const python = peerProgram("python3");

const CLIENT = [
  event("client", 0, "socket", { connection: null }),
  event("client", 1, "connect", { connection: null }),
  event("client", 2, "connected", { state: "ESTABLISHED" }),
  event("client", 3, "write", { bytes: 6, data: "hello\\n" }),
  event("client", 13, "read", { bytes: 6, data: "hello\\n" }),
  event("client", 14, "finish"),
  event("client", 15, "finished"),
  event("client", 16, "closed"),
  event("client", 16, "state", { state: "TIME-WAIT" }),
];
const SERVER = [
  event("server", 1.5, "accept", { state: "ESTABLISHED" }),
  event("server", 3.5, "read", { bytes: 6, data: "hello\\n" }),
  event("server", 12.5, "write", { bytes: 6, data: "hello\\n" }),
  event("server", 14.5, "finished", { state: "CLOSE-WAIT" }),
  event("server", 14.6, "finish"),
  event("server", 16.5, "closed"),
];

describe("one side's trace", () => {
  const { rows, arrows, spans, summary } = buildDiagram(CLIENT);

  test("has the handshake between steps 5 and 8", () => {
    const steps = rows.flatMap(({ step }) => step ?? []);
    expect(steps.slice(0, 4)).toEqual([5, 6, 7, 8]);
    const shakes = arrows.filter(({ kind }) => kind === "handshake");
    expect(shakes.map(({ label }) => label)).toEqual(["SYN", "SYN-ACK", "ACK"]);
    expect(rows.filter(({ known }) => !known).map(({ side }) => side)).toEqual([
      "server",
      "server",
    ]);
  });

  test("says states, and which of them the kernel told", () => {
    const ours = spans.filter(({ side }) => side === "client");
    expect(ours.map(({ state, known }) => [state, known])).toEqual([
      ["CLOSED", false],
      ["SYN-SENT", false],
      ["ESTABLISHED", true],
      ["FIN-WAIT-1", false],
      ["TIME-WAIT", true],
    ]);
    const theirs = spans.filter(({ side }) => side === "server");
    expect(theirs.map(({ state }) => state)).toEqual([
      "SYN-RECEIVED",
      "ESTABLISHED",
      "CLOSE-WAIT",
      "LAST-ACK",
    ]);
    expect(theirs.every(({ known }) => !known)).toBe(true);
  });

  test("answers who closed first, where it waited, and who holds the port", () => {
    expect(summary).toEqual([
      "The client closed first: its FIN is step 11.",
      "The client waited longest in read, 10.0 ms.",
      "The client (10.0.0.1:5000) holds its port in TIME-WAIT, for 60 s on Linux: it closed first.",
    ]);
  });
});

describe("two sides", () => {
  test("are one picture: what was written is read", () => {
    const [diagram] = diagramsOf([CLIENT, SERVER]);
    const data = diagram!.arrows.filter(({ kind }) => kind === "data");
    expect(data.map(({ from, known }) => [from, known])).toEqual([
      ["client", true],
      ["server", true],
    ]);
    for (const { start, end } of diagram!.arrows) {
      expect(end).toBeGreaterThan(start);
    }
  });

  test("come on one clock, whatever theirs say", () => {
    const delays = fc.double({ min: 0.01, max: 50, noNaN: true });
    const offsets = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        offsets,
        fc.array(delays, { minLength: 4, maxLength: 40 }),
        (offset, times) => {
          // Alternating messages, each on its way for so long.
          const client = [event("client", 0, "connect")];
          const server = [event("server", times[0]! + offset, "accept")];
          let now = times[0]!;
          for (const [index, time] of times.entries()) {
            const [from, to] =
              index % 2 === 0
                ? (["client", "server"] as const)
                : (["server", "client"] as const);
            const add = (side: "client" | "server", at: number, verb: string) =>
              (side === "client" ? client : server).push(
                event(side, side === "client" ? at : at + offset, verb, {
                  bytes: 5,
                }),
              );
            add(from, now, "write");
            now += time;
            add(to, now, "read");
          }
          const { events } = onOneClock(client, server);
          const order = events.filter(
            ({ verb }) => verb === "write" || verb === "read",
          );
          for (const [index, one] of order.entries()) {
            expect(one.verb).toBe(index % 2 === 0 ? "write" : "read");
          }
        },
      ),
    );
  });

  test("that have nothing in common are told so", () => {
    const other = SERVER.map((one) => ({
      ...one,
      peer: "10.9.9.9:1",
      bytes: one.bytes === null ? null : one.bytes + 1,
    }));
    expect(() => diagramsOf([CLIENT, other])).toThrow(
      "no connection in common",
    );
  });

  test("behind a proxy belong together by what was said", () => {
    const other = SERVER.map((one) => ({ ...one, peer: "10.9.9.9:1" }));
    const [diagram] = diagramsOf([CLIENT, other]);
    expect(diagram!.notes.join(" ")).toContain("by what was said");
  });
});

test("a long conversation is cut in its middle, and says so", () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    event("client", index, "write", { bytes: 1 }),
  );
  const { rows, notes } = buildDiagram([...CLIENT.slice(0, 3), ...many]);
  expect(rows.length).toBeLessThan(200);
  expect(notes.join(" ")).toContain("are left out");
});

test("no line of a text is longer than it may be", () => {
  const diagram = buildDiagram(CLIENT);
  for (const width of [80, 94, 100, 133]) {
    const lines = textOf(diagram, width).split("\n");
    const longest = Math.max(...lines.map((line) => Bun.stringWidth(line)));
    expect(longest).toBeLessThanOrEqual(width);
  }
});

test("every form has every step", () => {
  const diagram = buildDiagram(CLIENT);
  for (const text of [
    svgOf(diagram),
    htmlOf([diagram]),
    mermaidOf(diagram),
    textOf(diagram),
  ]) {
    for (const what of [
      "connect",
      "SYN-ACK",
      "ESTABLISHED",
      "TIME-WAIT",
      "write 6 bytes",
      "hello",
      "FIN",
    ]) {
      expect(text).toContain(what);
    }
  }
});

test("a picture is drawn from what was printed of it", () => {
  const text = CLIENT.map((one) => `${JSON.stringify(one)}\n`).join("");
  expect(readTrace(text, "c.jsonl")).toEqual(CLIENT);
  expect(() => readTrace(`${text}nonsense\n`, "c.jsonl")).toThrow("line 10");
  expect(() => readTrace('{"version":1,"kind":"trace"}\n', "x")).toThrow(
    "side is missing",
  );
});

test.skipIf(python === undefined)("SVG is XML, whatever was said", async () => {
  const texts = fc.sample(fc.string({ unit: "binary", maxLength: 60 }), 60);
  const events = texts.flatMap((text, index) => [
    event("client", index, "write", {
      bytes: 3,
      data: text,
      peer: text,
      local: text,
    }),
    event("client", index, "failed", { detail: text }),
  ]);
  const svgs = events.map((one) => svgOf(buildDiagram([one], [one.detail])));
  const check =
    "import sys, json, xml.dom.minidom as m\n" +
    "[m.parseString(s.encode()) for s in json.load(sys.stdin)]";
  const { status, stderr } = await run(
    [python!, "-c", check],
    JSON.stringify(svgs),
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
