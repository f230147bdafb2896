import { describe, expect, test } from "bun:test";

import { buildDiagram } from "../../src/diagram/build.ts";
import { diagramsOf } from "../../src/diagram/connections.ts";
import { htmlOf, MOST_PICTURES } from "../../src/diagram/html.ts";
import { Layout } from "../../src/diagram/layout.ts";
import { mermaidOf } from "../../src/diagram/mermaid.ts";
import { svgOf } from "../../src/diagram/svg.ts";
import { textOf } from "../../src/diagram/text.ts";
import type { TraceEvent } from "../../src/socket/trace/event.ts";
import { event } from "./events.ts";

const FORMS = [svgOf, mermaidOf, textOf, (one: never) => htmlOf([one])];

/** What a conversation over a Unix socket is told as. */
const unix = (one: TraceEvent): TraceEvent => ({
  ...one,
  local: null,
  peer: one.connection === null ? one.peer : "unix peer",
  state: null,
});

describe("a Unix socket", () => {
  const client = [
    event("client", 0, "socket", { connection: null, detail: "unix" }),
    event("client", 1, "connect", { connection: null, peer: "unix:/s" }),
    event("client", 2, "connected"),
    event("client", 3, "write", { bytes: 5, data: "hello" }),
    event("client", 4, "finish"),
    event("client", 9, "finished"),
    event("client", 9, "closed"),
  ].map(unix);
  const server = [
    event("server", 2, "accept"),
    event("server", 4, "read", { bytes: 5, data: "hello" }),
    event("server", 6, "finished"),
    event("server", 7, "finish"),
    event("server", 8, "closed"),
  ].map(unix);

  test.each([[[client]], [[server]], [[client, server]]])(
    "has no segments, no states of TCP, and no port: %#",
    (traces) => {
      const [diagram] = diagramsOf(traces);
      expect(diagram!.family).toBe("unix");
      expect(diagram!.spans).toEqual([]);
      for (const draw of FORMS) {
        const text = draw(diagram! as never).replace(
          /<style>[^]*?<\/style>/,
          "",
        );
        expect(text).not.toMatch(/\bSYN|\bFIN|\bACK\b|TIME-WAIT|holds its/);
        expect(text).toContain("No port is held");
      }
    },
  );

  test("belongs together by what was said, and says so", () => {
    const [diagram] = diagramsOf([client, server]);
    expect(diagram!.notes.join(" ")).toContain("client has no name");
    expect(diagram!.server).toBe("unix:/s");
    expect(diagram!.client).toBe("");
  });
});

describe("a server that nobody has met", () => {
  const failed = [
    event("client", 0, "socket", { connection: null }),
    event("client", 1, "connect", { connection: null, local: null }),
    event("client", 2, "failed", {
      connection: null,
      detail: "nothing listens there (ECONNREFUSED)",
    }),
  ];

  test("has received and accepted nothing", () => {
    const { rows, spans, arrows, summary } = buildDiagram(failed);
    expect(rows.map(({ side }) => side)).toEqual([
      "client",
      "client",
      "client",
    ]);
    expect(spans.map(({ side, state }) => [side, state])).toEqual([
      ["client", "CLOSED"],
      ["client", "SYN-SENT"],
      ["client", "CLOSED"],
    ]);
    expect(arrows.map(({ label }) => label)).toEqual(["SYN"]);
    expect(rows.at(-1)!.label).toBe("failed: ECONNREFUSED");
    expect(summary).toEqual([
      "It failed: nothing listens there (ECONNREFUSED).",
    ]);
  });
});

describe("a reset", () => {
  test("leaves no TIME-WAIT, though a FIN was sent", () => {
    const { spans, summary } = buildDiagram([
      event("client", 0, "connected", { state: "ESTABLISHED" }),
      event("client", 1, "finish"),
      event("client", 2, "reset", { detail: "RST ← peer", state: "CLOSED" }),
      event("client", 3, "closed"),
    ]);
    expect(spans.filter(({ state }) => state === "TIME-WAIT")).toEqual([]);
    expect(summary).toEqual([
      "The client closed first (FIN, step 11), and the server reset it: what was on its way is lost.",
      "Neither side holds its port: a reset leaves no TIME-WAIT behind.",
    ]);
  });
});

describe("a wait", () => {
  const events = [
    event("client", 0, "connected"),
    event("server", 1, "accept"),
    event("server", 51, "waiting", { detail: "(10) read: nothing yet" }),
    event("client", 900, "write", { bytes: 1 }),
    event("server", 901, "read", { bytes: 1 }),
    event("server", 902, "pause"),
    event("server", 903, "write", { bytes: 1 }),
    event("server", 5903, "resume"),
  ];
  const diagram = buildDiagram(events);

  test("is a break with its time, and says who would be blocked", () => {
    const gaps = diagram.rows.map(({ gap }) => gap ?? null);
    expect(gaps).toEqual([
      null,
      null,
      null,
      { kind: "wait", ms: 849, blocked: true },
      null,
      null,
      null,
      { kind: "wait", ms: 5000, blocked: false },
    ]);
    for (const draw of FORMS) {
      const text = draw(diagram as never);
      expect(text).toContain("849 ms");
      expect(text).toContain("5.00 s");
      expect(text).toContain("a thread would be blocked");
    }
  });

  test("of one that is paused counts from the pause on, whatever it wrote", () => {
    expect(diagram.summary).toContain(
      "The server read nothing for 5.00 s: what the other side sent had to wait.",
    );
  });

  test("has its own place between two rows", () => {
    const layout = new Layout(diagram.rows);
    const tops = diagram.rows.map((_, index) => layout.at(index));
    for (const [index, { gap }] of diagram.rows.entries()) {
      if (index === 0) continue;
      const room = tops[index]! - tops[index - 1]!;
      expect(room).toBe(gap === undefined ? 40 : 84);
      // An arrow that ends near a row does not end in a break.
      expect(layout.at(index - 0.4)).toBe(tops[index]! - 16);
      expect(layout.at(index - 0.6)).toBe(tops[index - 1]! + 16);
    }
    expect(layout.bottom).toBeGreaterThan(tops.at(-1)!);
  });
});

describe("a long conversation", () => {
  /** One message after the other, each of another size. */
  const events = Array.from({ length: 300 }, (_, index) => {
    const bytes = index + 1;
    return [
      event("client", index * 2 + 1, "write", { bytes }),
      event("server", index * 2 + 2, "read", { bytes }),
    ];
  }).flat();
  const both = [
    event("client", 0, "connected", { state: "ESTABLISHED" }),
    event("server", 0.5, "accept", { state: "ESTABLISHED" }),
    ...events,
    event("client", 700, "finish"),
    event("server", 701, "finished", { state: "CLOSE-WAIT" }),
  ];
  const { rows, arrows, spans, notes } = buildDiagram(both);

  test("is cut in its middle, and says where", () => {
    expect(rows.length).toBe(160);
    const cuts = rows.flatMap(({ gap }) => (gap?.kind === "left" ? gap : []));
    expect(cuts).toEqual([{ kind: "left", steps: both.length - 160 }]);
    expect(notes).toEqual([
      `${both.length - 160} steps in the middle are left out.`,
    ]);
  });

  test("has each write with its own read, behind the cut as well", () => {
    const data = arrows.filter(({ kind }) => kind === "data");
    expect(data.length).toBeGreaterThan(70);
    for (const { start, end, label, known } of data) {
      expect(known).toBe(true);
      const bytes = Number.parseInt(label, 10);
      expect(rows[start]!.label).toStartWith(`write ${bytes} byte`);
      expect(rows[end]!.label).toStartWith(`read ${bytes} byte`);
    }
    expect(spans.map(({ side, state }) => `${side} ${state}`)).toEqual([
      "client ESTABLISHED",
      "client FIN-WAIT-1",
      "server ESTABLISHED",
      "server CLOSE-WAIT",
    ]);
    expect(rows[spans.at(-1)!.start]!.label).toStartWith("finished");
  });

  test("of a hundred thousand events is drawn in a moment", () => {
    const many = Array.from({ length: 50_000 }, (_, index) => [
      event("client", index * 2, "write", { bytes: 1 }),
      event("server", index * 2 + 1, "read", { bytes: 1 }),
    ]).flat();
    const client = many.filter(({ side }) => side === "client");
    const server = many.filter(({ side }) => side === "server");
    const [diagram] = diagramsOf([client, server]);
    expect(diagram!.rows.length).toBe(160);
  });
});

describe("several connections", () => {
  const serverOf = (count: number) => [
    event("server", 0, "listen", { connection: null }),
    ...Array.from({ length: count }, (_, index) => {
      const connection = index + 1;
      const peer = `10.0.0.1:${5000 + index}`;
      return [
        event("server", connection, "accept", { connection, peer }),
        event("server", connection, "read", { connection, peer, bytes: 1 }),
        event("server", connection, "rejected", { connection: null }),
        event("server", connection, "waiting", { connection: null }),
      ];
    }).flat(),
  ];

  test("have a picture each, with nothing of the others", () => {
    const diagrams = diagramsOf([serverOf(3)]);
    expect(diagrams.length).toBe(3);
    for (const { rows } of diagrams) {
      const told = rows.filter(({ known }) => known).map(({ label }) => label);
      expect(told.filter((label) => !label.startsWith("waiting"))).toEqual([
        "listen",
        "accept",
        "read 1 byte",
      ]);
    }
  });

  test("are a list to choose from, as far as a page has room", () => {
    const diagrams = diagramsOf([serverOf(MOST_PICTURES + 5)]);
    const page = htmlOf(diagrams);
    expect(page.match(/<svg[^>]* class="d"/g)!.length).toBe(MOST_PICTURES);
    expect(page).toContain(`<a href="#c${MOST_PICTURES}">`);
    expect(page).not.toContain(`<a href="#c${MOST_PICTURES + 1}">`);
    expect(page).toContain(`The first ${MOST_PICTURES} are drawn.`);
    expect(htmlOf(diagrams.slice(0, 2))).not.toContain("are drawn.");
  });

  test("of another client are not taken for this one's", () => {
    const client = [
      event("client", 0, "connected", { local: "10.0.0.9:1" }),
      event("client", 1, "write", { bytes: 5, data: "hello", local: null }),
    ];
    const other = (data: string, bytes = 5) => [
      event("server", 0, "accept", { peer: "10.0.0.8:1" }),
      event("server", 2, "read", { bytes, data, peer: "10.0.0.8:1" }),
    ];
    expect(diagramsOf([client, other("hello")]).length).toBe(1);
    // The shorter text is what that side was to show.
    expect(diagramsOf([client, other("hel")]).length).toBe(1);
    expect(() => diagramsOf([client, other("world")])).toThrow("in common");
    expect(() => diagramsOf([client, other("hello", 6)])).toThrow("in common");
    const two = [
      ...other("hello"),
      ...other("hello").map((one) => ({
        ...one,
        connection: 2,
        peer: "10.0.0.8:2",
      })),
    ];
    const [diagram] = diagramsOf([client, two]);
    expect(diagram!.notes.join(" ")).toContain("2 of the server's connections");
  });
});
