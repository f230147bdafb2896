import { describe, expect, test } from "bun:test";

import { noPython } from "../support/python.ts";
import {
  atEcho,
  overPath,
  type Part,
  type Seen,
} from "../support/path-ends.ts";

const QUESTION: Part = { send: [[0, "0123456789", 10]], lastly: "finish" };
const ALL = "0123456789".repeat(10);
/** A server that answers what it was asked, whenever that was. */
const ANSWER: Part = { send: [[0, "abcdefghij", 10]], lastly: "finish" };
const LETTERS = "abcdefghij".repeat(10);
const SILENT: Part = { send: [], lastly: "nothing" };
/** It reads, and waits for no more than this. */
const BRIEF = 0.5;

function text({ got }: Seen): string {
  return got.toString();
}

/** Where two texts differ, and by which bits. */
function differences(a: Buffer, b: string): [number, number][] {
  const other = Buffer.from(b);
  return [...a.entries()]
    .map(([n, byte]): [number, number] => [n, byte ^ other[n]!])
    .filter(([, bits]) => bits !== 0);
}

/** When the first byte came, from when the first was sent. */
function wait(sender: Seen, receiver: Seen): number {
  return receiver.reads[0]![0] - sender.sent[0]!;
}

describe.skipIf(noPython)("on the wire", () => {
  test("without faults both ways arrive, with their FIN", async () => {
    const { client, server, events } = await overPath([], QUESTION, ANSWER);
    expect([text(client), text(server)]).toEqual([LETTERS, ALL]);
    expect([client.ended, server.ended]).toEqual(["FIN", "FIN"]);
    expect(events).toEqual([]);
  });

  test("delay: not before its time, in that direction alone", async () => {
    const up = await overPath(["delay 200ms toward server"], QUESTION, ANSWER);
    expect(wait(up.client, up.server)).toBeGreaterThanOrEqual(200);
    expect([text(up.client), text(up.server)]).toEqual([LETTERS, ALL]);
    expect(up.server.endedAt! - up.client.sent[0]!).toBeGreaterThanOrEqual(200);
    expect(wait(up.server, up.client)).toBeLessThan(200);

    const echo = await atEcho(["delay 200ms"], QUESTION);
    expect(wait(echo.seen, echo.seen)).toBeGreaterThanOrEqual(200);
    expect(text(echo.seen)).toBe(ALL);
    expect(echo.seen.ended).toBe("FIN");
  });

  test("rate: so long for so many bytes", async () => {
    const { seen } = await atEcho(["rate 100kB toward client"], {
      send: [[0, "0123456789", 5000]],
      lastly: "finish",
    });
    expect(seen.got.length).toBe(50_000);
    expect(seen.endedAt! - seen.sent[0]!).toBeGreaterThanOrEqual(499);
    expect(seen.reads.length).toBeGreaterThan(20);
  });

  test("slice: pieces of a size, apart", async () => {
    const { seen } = await atEcho(["slice 25 30ms"], QUESTION);
    expect(seen.reads.length).toBeGreaterThan(1);
    // A busy reader may find two of them.
    for (const [, length] of seen.reads) expect(length % 25).toBe(0);
    expect(seen.endedAt! - seen.sent[0]!).toBeGreaterThanOrEqual(90);
    expect(text(seen)).toBe(ALL);
  });

  test("join: small pieces arrive as one", async () => {
    const send = Array.from("hello", (letter): [number, string, number] => [
      20,
      letter,
      1,
    ]);
    const { seen } = await atEcho(["join 5 10s"], { send, lastly: "finish" });
    expect(seen.reads.map(([, length]) => length)).toEqual([5]);
    expect(text(seen)).toBe("hello");
  });

  test("freeze: a pause at its byte, and then the rest", async () => {
    const { seen, events } = await atEcho(["freeze 500ms after 30"], QUESTION);
    expect(text(seen)).toBe(ALL);
    expect(seen.reads[0]![1]).toBe(30);
    expect(seen.reads[1]![0] - seen.sent[0]!).toBeGreaterThanOrEqual(500);
    expect(events).toEqual([
      { id: 1, fault: "freeze 500ms after 30", offset: 30 },
    ]);
  });

  test("stall: no more than its bytes, and the connection stays", async () => {
    const { seen } = await atEcho(["stall after 30"], {
      ...QUESTION,
      patience: BRIEF,
    });
    expect(text(seen)).toBe(ALL.slice(0, 30));
    expect(seen.ended).toBe("timeout");
  });

  test("stall: its sender is held up, however much it has", async () => {
    const { client, server } = await overPath(
      ["stall toward server after 30"],
      { send: [[0, "0123456789", 10_000_000]], patience: 0.5 },
      { ...SILENT, patience: BRIEF },
    );
    expect(client.sendError).toBe("timeout");
    expect(text(server)).toBe(ALL.slice(0, 30));
  });

  test("reset: exactly so many bytes, then an RST, for both", async () => {
    for (const size of [1, 65_536, 3_000_000]) {
      const times = Math.ceil(size / 10) + 1000;
      const { seen, events } = await atEcho([`reset after ${size}`], {
        send: [[0, "0123456789", times]],
      });
      expect(seen.got.length).toBe(size);
      expect(seen.ended).toBe("ECONNRESET");
      expect(events.map(({ offset }) => offset)).toEqual([size]);
    }
    const both = await overPath(["reset after 50"], SILENT, {
      ...ANSWER,
      lastly: "nothing",
    });
    expect(text(both.client)).toBe(LETTERS.slice(0, 50));
    expect([both.client.ended, both.server.ended]).toEqual([
      "ECONNRESET",
      "ECONNRESET",
    ]);
  });

  test("reset: a slow reader gets all of its bytes first", async () => {
    const { seen } = await atEcho(["reset after 3000000"], {
      send: [[0, "0123456789", 301_000]],
      read_after: 300,
      read_size: 65_536,
    });
    expect(seen.got.length).toBe(3_000_000);
    expect(seen.ended).toBe("ECONNRESET");
  });

  test("finish: exactly so many bytes, then a FIN", async () => {
    for (const size of [1, 65_536, 3_000_000]) {
      const times = Math.ceil(size / 10) + 1000;
      const { seen, told } = await atEcho([`finish after ${size}`], {
        send: [[0, "0123456789", times]],
      });
      expect(seen.got.length).toBe(size);
      expect(seen.ended).toBe("FIN");
      expect(seen.sendError).toBeUndefined();
      expect(told).toEqual(["open", "end", "close"]);
    }
  });

  test("finish toward the client: the server still hears it", async () => {
    const { client, server } = await overPath(
      ["finish toward client after 50"],
      { send: [[200, "0123456789", 10]], lastly: "finish" },
      ANSWER,
    );
    expect([text(client), text(server)]).toEqual([LETTERS.slice(0, 50), ALL]);
    expect([client.ended, server.ended]).toEqual(["FIN", "FIN"]);
  });

  test("vanish: silence for both, whatever they do", async () => {
    const { client, server } = await overPath(
      ["vanish after 50"],
      { send: [[200, "0123456789", 10]], lastly: "finish", patience: BRIEF },
      { ...ANSWER, patience: BRIEF },
    );
    expect([text(client), text(server)]).toEqual([LETTERS.slice(0, 50), ""]);
    expect([client.ended, server.ended]).toEqual(["timeout", "timeout"]);
  });

  test("vanish: after idling", async () => {
    const { seen, events } = await atEcho(["vanish idle 700ms"], {
      send: [
        [0, "a", 1],
        [150, "b", 1],
        [150, "c", 1],
        [1500, "d", 1],
      ],
      lastly: "finish",
      patience: 1,
    });
    expect(text(seen)).toBe("abc");
    expect(seen.ended).toBe("timeout");
    expect(events.length).toBe(1);
  });

  test("mute: the question arrives, and no answer", async () => {
    const { client, server } = await overPath(
      ["mute"],
      { ...QUESTION, patience: BRIEF },
      ANSWER,
    );
    expect([text(client), text(server)]).toEqual(["", ALL]);
    expect([client.ended, server.ended]).toEqual(["timeout", "FIN"]);
  });

  test("pass-max: what is large is lost, and all behind it", async () => {
    const { seen, events } = await atEcho(["pass-max 50"], {
      send: [
        [0, "0123456789", 5],
        [100, "abcdefghij", 6],
        [100, "x", 1],
      ],
      lastly: "finish",
      patience: BRIEF,
    });
    expect(text(seen)).toBe(ALL.slice(0, 50));
    expect(seen.ended).toBe("timeout");
    expect(events.map(({ offset }) => offset)).toEqual([50]);
  });

  test("corrupt: one bit of one byte", async () => {
    const { seen, events } = await atEcho(["corrupt after 42"], QUESTION);
    const changed = differences(seen.got, ALL);
    expect(changed.map(([place]) => place)).toEqual([42]);
    expect(Math.log2(changed[0]![1]) % 1).toBe(0);
    expect(events).toEqual([{ id: 1, fault: "corrupt after 42", offset: 42 }]);
    // The same on every run.
    const again = await atEcho(["corrupt after 42"], QUESTION);
    expect(again.seen.got).toEqual(seen.got);
  });

  test("drop and repeat: exactly those bytes", async () => {
    const dropped = await atEcho(["drop 7 after 42"], QUESTION);
    expect(text(dropped.seen)).toBe(ALL.slice(0, 42) + ALL.slice(49));
    const repeated = await atEcho(["repeat 7 after 42"], QUESTION);
    expect(text(repeated.seen)).toBe(ALL.slice(0, 49) + ALL.slice(42));
  });

  test("swap: two neighbours change places", async () => {
    const { seen } = await atEcho(["swap"], {
      send: [
        [0, "first", 1],
        [200, "second", 1],
        [200, "third", 1],
      ],
      lastly: "finish",
    });
    expect(text(seen)).toBe("secondfirstthird");
  });

  test("no-half-close: a client that finishes loses its answer", async () => {
    const { client, server } = await overPath(["no-half-close"], QUESTION, {
      send: [[300, "late", 1]],
      lastly: "finish",
    });
    expect([text(client), text(server)]).toEqual(["", ALL]);
    expect([client.ended, server.ended]).toEqual(["FIN", "FIN"]);
    expect(client.endedAt!).toBeLessThan(server.sent[0]!);
  });

  test("late-finish: the bytes at once, the FIN later", async () => {
    const { seen } = await atEcho(["late-finish 300ms"], QUESTION);
    expect(text(seen)).toBe(ALL);
    expect(seen.ended).toBe("FIN");
    expect(seen.reads.at(-1)![0] - seen.sent[0]!).toBeLessThan(300);
    expect(seen.endedAt! - seen.sent[0]!).toBeGreaterThanOrEqual(300);
  });

  test("reset-as-finish: a reset arrives as a FIN", async () => {
    const plain = await overPath(
      [],
      { ...QUESTION, lastly: "reset" },
      { ...SILENT },
    );
    expect(plain.server.ended).toBe("ECONNRESET");
    const soft = await overPath(
      ["reset-as-finish"],
      { ...QUESTION, lastly: "reset" },
      SILENT,
    );
    expect(soft.server.ended).toBe("FIN");
  });

  test("finish-as-reset: all the bytes, then an RST", async () => {
    const { client, server } = await overPath(["finish-as-reset"], QUESTION, {
      ...ANSWER,
      send: [[300, "abcdefghij", 10]],
    });
    expect([text(client), text(server)]).toEqual([LETTERS, ALL]);
    expect([client.ended, server.ended]).toEqual(["ECONNRESET", "FIN"]);
  });

  test("refuse: an RST, before anything", async () => {
    const { seen, told, events } = await atEcho(["refuse"], SILENT);
    expect(text(seen)).toBe("");
    expect(seen.ended).toBe("ECONNRESET");
    expect(told).toEqual([]);
    expect(events).toEqual([{ id: 1, fault: "refuse", offset: 0 }]);
  });

  test("proxy-header: before the client's first byte", async () => {
    const { server, client } = await overPath(
      ["proxy-header v1"],
      QUESTION,
      ANSWER,
    );
    expect(text(server)).toMatch(
      new RegExp(`^PROXY TCP4 127.0.0.1 127.0.0.1 \\d+ \\d+\r\n${ALL}$`),
    );
    expect(text(client)).toBe(LETTERS);
  });

  test("faults stack: corrupt, slow, and cut off at its byte", async () => {
    const { seen, events } = await atEcho(
      ["corrupt after 10", "slice 20 10ms", "delay 50ms", "finish after 90"],
      QUESTION,
    );
    expect(seen.got.length).toBe(90);
    expect(differences(seen.got, ALL).map(([place]) => place)).toEqual([10]);
    expect(seen.endedAt! - seen.sent[0]!).toBeGreaterThanOrEqual(90);
    expect(seen.ended).toBe("FIN");
    expect(events.at(-1)).toEqual({
      id: 1,
      fault: "finish after 90",
      offset: 90,
    });
  });

  test.each([
    [[]],
    [["rate 200MB"]],
    [["delay 2ms+-2ms", "slice 50000 0ms", "join 9999 1ms toward server"]],
  ])(
    "an echo with faults %j sends all back to a slow reader",
    async (faults) => {
      const { seen, told } = await atEcho(faults, {
        send: [[0, "0123456789", 2_000_000]],
        lastly: "finish",
        read_after: 300,
      });
      expect(seen.got.equals(Buffer.alloc(20_000_000, "0123456789"))).toBe(
        true,
      );
      expect(seen.ended).toBe("FIN");
      expect(told).toEqual(["open", "end", "close"]);
    },
  );

  test("a large transfer arrives whole through what only slows it", async () => {
    const { client, server } = await overPath(
      ["delay 3ms+-3ms", "slice 100000 0ms toward server", "join 9999 5ms"],
      { send: [[0, "0123456789", 2_000_000]], lastly: "finish" },
      {
        send: [[0, "abcdefghij", 2_000_000]],
        lastly: "finish",
        read_after: 300,
      },
    );
    expect(client.got.equals(Buffer.alloc(20_000_000, "abcdefghij"))).toBe(
      true,
    );
    expect(server.got.equals(Buffer.alloc(20_000_000, "0123456789"))).toBe(
      true,
    );
    expect([client.ended, server.ended]).toEqual(["FIN", "FIN"]);
  });
});
