import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { FaultEvent } from "../../src/faults/link.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { atPort } from "../support/path-ends.ts";
import { noPython, peer } from "../support/python.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

async function faulty(faults: readonly string[], options: ServerOptions = {}) {
  const acted: FaultEvent[] = [];
  const connected: number[] = [];
  const server = await serving({
    faults,
    onFault: (event) => void acted.push(event),
    onConnect: ({ id }) => void connected.push(id),
    ...options,
  });
  return Object.assign(server, { acted, connected });
}

describe.skipIf(noPython)("startServer({ faults }), seen by Python", () => {
  test.each<[string, string, string, string, number | undefined]>([
    ["reset after 3", "hel", "ECONNRESET", "fault", 3],
    ["finish after 3", "hel", "FIN", "fault", 3],
    ["drop 2 after 1", "hlo", "FIN", "FIN", 1],
    ["repeat 2 after 1", "helello", "FIN", "FIN", 1],
    ["slice 1 1ms", "hello", "FIN", "FIN", 0],
    ["late-finish 50ms", "hello", "FIN", "FIN", 5],
    ["finish-as-reset", "hello", "ECONNRESET", "FIN", 5],
  ])("%s", async (fault, got, ended, cause, offset) => {
    await using server = await faulty([fault]);
    const seen = await atPort(server.port!, {
      send: [[0, "hello", 1]],
      lastly: "finish",
    });
    expect([String(seen.got), seen.ended]).toEqual([got, ended]);
    await until(() => server.told.length === 1, "its end is told");
    expect(server.told[0]).toMatchObject({ id: 1, cause });
    expect(server.acted[0]).toMatchObject({ id: 1, fault, offset });
    expect(server.connected).toEqual([1]);
  });

  test("refuse resets it, and its number is told and never used again", async () => {
    await using server = await faulty(["refuse on first 2"]);
    const ends = [];
    for (let n = 0; n < 3; n += 1) {
      ends.push((await atPort(server.port!, { patience: 0.2 })).ended);
    }
    expect(ends).toEqual(["ECONNRESET", "ECONNRESET", "timeout"]);
    expect(server.acted.map(({ id }) => id)).toEqual([1, 2]);
    expect(server.connected).toEqual([3]);
  });

  test("backlog-full has connects hang, until it is taken away", async () => {
    await using server = await faulty(["backlog-full"]);
    const args = (count: string) => [String(server.port), count, "0.2"];
    const hanging = await run(peer("connects", "127.0.0.1", ...args("2")));
    expect(hanging.stdout).toBe("timeout\ntimeout\n");
    await server.setFaults([]);
    const served = await run(peer("connects", "127.0.0.1", ...args("2")));
    expect(served.stdout).toBe("connected\nconnected\n");
    await server.setFaults(["backlog-full"]);
    const again = await run(peer("connects", "127.0.0.1", ...args("1")));
    expect(again.stdout).toBe("timeout\n");
  });

  test("a certificate that is wrong in one thing, by its connection's number", async () => {
    await using server = await faulty(["tls-expired on every 2nd"], {
      addresses: ["tls://127.0.0.1:0"],
    });
    await using folder = await temporaryFolder();
    const ca = folder.path("ca.pem");
    await Bun.write(ca, `${server.tls!.cert}\n${server.faultAuthorities}`);
    const verdict = async () => {
      const args = [String(server.port), "localhost", ca];
      const { stdout, stderr } = await run(peer("tls_verdict", ...args));
      return stdout.trim() + stderr;
    };
    expect([await verdict(), await verdict(), await verdict()]).toEqual([
      "good",
      "certificate has expired",
      "good",
    ]);
  });

  test("a seed chooses the same connections on every run", async () => {
    async function chosen(seed: number): Promise<string> {
      await using server = await faulty(["refuse on 50%"], { seed });
      for (let n = 0; n < 12; n += 1) {
        await atPort(server.port!, { lastly: "finish" });
      }
      await until(
        () => server.acted.length + server.told.length === 12,
        "all are over",
      );
      return server.acted.map(({ id }) => id).join();
    }
    const [one, again, other] = [
      await chosen(7),
      await chosen(7),
      await chosen(8),
    ];
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });
});

describe("server.faults", () => {
  test("reach open connections and new ones, whatever there was before", async () => {
    await using server = await faulty([]);
    await using open = await server.dial();
    open.send("12345");
    expect(String(await open.receive(5))).toBe("12345");
    server.faults = ["corrupt after 2", "reset after 5"];
    expect(server.faults).toEqual(["corrupt after 2", "reset after 5"]);
    await using fresh = await server.dial();
    for (const caller of [open, fresh]) {
      caller.send("1234567");
      const got = await caller.receive(5);
      expect(String(got).replace(/^12.45$/, "12?45")).toBe("12?45");
      expect(got[2]).not.toBe(0x33);
      expect(await caller.closed()).toBe("RST");
    }
    expect(server.acted).toEqual([
      { id: 1, fault: "corrupt after 2", offset: 7 },
      { id: 1, fault: "reset after 5", offset: 10 },
      { id: 2, fault: "corrupt after 2", offset: 2 },
      { id: 2, fault: "reset after 5", offset: 5 },
    ]);
    await until(() => server.told.length === 2, "both are told");
    expect(server.tally.closed).toMatchObject({ fault: 2, RST: 0 });
  });

  test("over TLS, are put on what is open, and traced", async () => {
    const steps: string[] = [];
    await using server = await faulty([], {
      addresses: ["tls://127.0.0.1:0"],
      trace: new Tracer("server", (line) => steps.push(line)),
    });
    const tls = { insecure: true };
    await using open = await connect(server.addresses[0], { tls });
    await open.write(Buffer.from("hello"));
    expect(String(await open.readExactly(5))).toBe("hello");
    server.faults = ["drop 1 after 1", "tls-truncate"];
    await open.write(Buffer.from("world"));
    expect(String(await open.readExactly(4))).toBe("wrld");
    open.finish();
    expect(open.read()).rejects.toMatchObject({ code: "ETRUNCATED" });
    await open.closed;
    expect(server.acted).toMatchObject([
      { id: 1, fault: "drop 1 after 1", offset: 6 },
      { id: 1, fault: "tls-truncate" },
    ]);
    expect(steps.join("\n")).toMatch(/write +1 byte [^]*write +3 bytes/);
  });

  test("behind a PROXY header, are put on what is open", async () => {
    await using server = await faulty([], { proxyProtocol: true });
    await using open = await server.dial();
    open.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello");
    expect(String(await open.receive(5))).toBe("hello");
    server.faults = ["drop 1 after 1"];
    open.send("world");
    expect(String(await open.receive(4))).toBe("wrld");
    expect(server.connections[0]!.peer).toBe("192.0.2.1:1");
  });

  test("stay as they were where one of the new can't be", async () => {
    await using server = await faulty(["delay 1ms"]);
    for (const wrong of [
      ["delay 5ms", "boo"],
      ["rate 1", "rate 2"],
      ["tls-expired"],
      ["rate 0"],
      "reset" as never,
    ]) {
      expect(() => (server.faults = wrong)).toThrow(/\(EOPTION\)$/);
      expect(server.setFaults(wrong)).rejects.toThrow(/\(EOPTION\)$/);
    }
    expect(server.faults).toEqual(["delay 1ms"]);
  });

  test("are put on while it does not read, and lose nothing", async () => {
    await using server = await faulty([]);
    await using caller = await server.dial();
    caller.pause();
    const bytes = Buffer.alloc(8 * 1024 * 1024, "0123456789");
    caller.send(bytes);
    await until(() => server.counts().stalled.now === 1, "it stalls");
    server.faults = ["slice 64KiB 0ms"];
    caller.resume();
    caller.finish();
    expect((await caller.rest()).equals(bytes)).toBe(true);
    expect(await caller.closed()).toBe("FIN");
    server.faults = [];
  });
});

describe("server.connections", () => {
  test("one of several is faulted, and the others are not", async () => {
    await using server = await faulty([]);
    const callers = [];
    for (let n = 0; n < 3; n += 1) {
      const caller = await server.dial();
      callers.push(caller);
      caller.send("a");
      await caller.receive(1);
    }
    const [one, two, three] = server.connections;
    expect(server.connections[1]).toBe(two!);
    expect(two).toMatchObject({ id: 2, peer: callers[1]!.name });
    expect(two!.bytes).toEqual({ in: 1, out: 1 });
    two!.faults = ["reset after 2"];
    expect(two!.faults).toEqual(["reset after 2"]);
    expect(one!.faults).toEqual([]);
    for (const caller of callers) caller.send("hello");
    expect(String(await callers[0]!.receive(5))).toBe("hello");
    expect(String(await callers[2]!.receive(5))).toBe("hello");
    expect(String(await callers[1]!.receive(2))).toBe("he");
    expect(await callers[1]!.closed()).toBe("RST");
    expect(server.acted).toEqual([
      { id: 2, fault: "reset after 2", offset: 3 },
    ]);
    expect(two!.isOpen).toBe(false);
    two!.faults = ["delay 1s"];
    two!.end();
    two!.reset();
    expect(two!.faults).toEqual([]);
    expect(three!.isOpen).toBe(true);
    for (const caller of callers) await caller[Symbol.asyncDispose]();
  });

  test("one is ended, another is reset", async () => {
    await using server = await faulty([]);
    await using ended = await server.dial();
    await using reset = await server.dial();
    for (const caller of [ended, reset]) {
      caller.send("a");
      await caller.receive(1);
    }
    const [one, two] = server.connections;
    one!.end();
    two!.reset();
    expect(await reset.closed()).toBe("RST");
    expect(String(await ended.rest())).toBe("");
    await until(() => server.told.length === 2, "both are told");
    expect(server.tally.closed.owner).toBe(2);
  });

  test("what makes no sense for one is refused", async () => {
    await using server = await faulty([]);
    await using caller = await server.dial();
    caller.send("a");
    await caller.receive(1);
    const [one] = server.connections;
    for (const wrong of [
      "refuse",
      "limit 2",
      "reset on 10%",
      "boo",
      "drop 0",
    ]) {
      expect(() => (one!.faults = [wrong])).toThrow(/\(EOPTION\)$/);
    }
  });
});

describe("server.events()", () => {
  test("tells all from the call on, whenever it is read, until the stop", async () => {
    const server = await faulty(["reset after 3"]);
    const events = server.events();
    await using caller = await server.dial();
    caller.send("hello");
    expect(await caller.closed()).toBe("RST");
    await server.stop();
    const told = [];
    for await (const event of events) told.push(event);
    expect(told).toMatchObject([
      { type: "connect", id: 1, peer: caller.name },
      { type: "fault", id: 1, fault: "reset after 3", offset: 3 },
      { type: "disconnect", id: 1, cause: "fault" },
    ]);
    expect((await server.events().next()).done).toBe(true);
  });

  test("can be left, and be aborted", async () => {
    await using server = await faulty([]);
    const abort = new AbortController();
    const waiting = server.events({ signal: abort.signal }).next();
    abort.abort(new Error("enough"));
    expect(waiting).rejects.toThrow("enough");
    await using caller = await server.dial();
    caller.send("a");
    const all = server.events();
    await server.dial();
    for await (const { type } of all) {
      expect(type).toBe("connect");
      break;
    }
    expect(await all.next()).toEqual({ done: true, value: undefined });
    expect(() => server.events({ boo: 1 } as never)).toThrow(/\(EOPTION\)$/);
  });

  test("a rejection is one of them", async () => {
    await using server = await faulty([], { deny: ["127.0.0.1"] });
    const events = server.events();
    await using caller = await server.dial();
    expect(await caller.closed()).toBe("RST");
    expect((await events.next()).value).toMatchObject({
      type: "reject",
      reason: "deny",
    });
  });
});

test("stop() can be aborted: it resets what is left", async () => {
  await using server = await faulty([]);
  await using caller = await server.dial();
  caller.send("a");
  await caller.receive(1);
  const abort = new AbortController();
  const stopped = server.stop({ drainTimeout: 60_000, signal: abort.signal });
  abort.abort();
  expect(await stopped).toBe(1);
  expect(await caller.closed()).toBe("RST");
});

test("a stop waits for what a fault delays, as long as it may take", async () => {
  await using server = await faulty(["delay 1500ms"]);
  await using caller = await server.dial();
  caller.send("hello");
  caller.finish();
  await until(() => server.told.length === 1, "it was served");
  expect(await server.stop({ drainTimeout: 60_000 })).toBe(0);
  expect(String(await caller.rest())).toBe("hello");
});
