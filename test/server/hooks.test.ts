import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { type Ended, HookCaller } from "../../src/server/hooks.ts";
import { startServer } from "../../src/server/server.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { Caller } from "../support/caller.ts";
import { Program } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

const addresses = ["127.0.0.1:0"];
const fault = new Error("a fault in the hook");
const throws = () => {
  throw fault;
};

describe("onConnect()", () => {
  test("onConnect() that throws costs its own connection only", async () => {
    const told: Ended[] = [];
    const errors: unknown[] = [];
    await using server = await startServer({
      addresses,
      reply: "raw",
      onConnect: ({ id }) => {
        if (id === 1) throws();
      },
      onDisconnect: (ended) => void told.push(ended),
      onError: (error) => void errors.push(error),
    });
    const [endpoint] = server.addresses;
    await using first = await Caller.dial(endpoint!);
    expect(await first.closed()).toBe("RST");
    expect(told).toMatchObject([{ id: 1, cause: "error", bytesIn: 0 }]);

    await using second = await Caller.dial(endpoint!);
    second.send("hello");
    expect(String(await second.receive(5))).toBe("hello");
    expect(server.tally).toMatchObject({
      connections: { open: 1, total: 2 },
      closed: { FIN: 0, RST: 0, stop: 0, error: 1 },
    });
    expect(errors).toEqual([fault]);
  });

  test("onConnect() that rejects costs its own connection, too", async () => {
    const told: Ended[] = [];
    const errors: unknown[] = [];
    await using server = await startServer({
      addresses,
      onConnect: () => Promise.reject(fault),
      onDisconnect: (ended) => void told.push(ended),
      onError: (error) => void errors.push(error),
    });
    await using caller = await Caller.dial(server.addresses[0]!);
    expect(await caller.closed()).toBe("RST");
    expect(told).toMatchObject([{ id: 1, cause: "error" }]);
    expect(errors).toEqual([fault]);
  });
});

describe("onDisconnect()", () => {
  test("onDisconnect() that throws disturbs neither tally nor stop", async () => {
    const errors: unknown[] = [];
    await using server = await startServer({
      addresses,
      onDisconnect: throws,
      onError: (error) => void errors.push(error),
    });
    await using one = await Caller.dial(server.addresses[0]!);
    await using two = await Caller.dial(server.addresses[0]!);
    await using three = await Caller.dial(server.addresses[0]!);
    one.finish();
    await one.closed();
    expect(await server.stop({ drainTimeout: 0 })).toBe(2);
    await two.closed();
    await three.closed();
    expect(server.tally).toMatchObject({
      connections: { open: 0, total: 3 },
      closed: { FIN: 1, RST: 0, stop: 2, error: 0 },
    });
    expect(errors).toEqual([fault, fault, fault]);
  });

  test("onDisconnect() is told how long a connection lasted", async () => {
    const ended = Promise.withResolvers<Ended>();
    await using server = await startServer({
      addresses,
      onDisconnect: ended.resolve,
    });
    const since = performance.now();
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.send("hello");
    await caller.receive(5);
    caller.finish();
    const { lasted } = await ended.promise;
    expect(lasted).toBeGreaterThan(0);
    expect(lasted).toBeLessThanOrEqual(performance.now() - since);
  });
});

test("onReject() that throws is told, and rejects all the same", async () => {
  const errors: unknown[] = [];
  await using server = await startServer({
    addresses,
    deny: ["127.0.0.1"],
    onReject: throws,
    onError: (error) => void errors.push(error),
  });
  for (let count = 1; count <= 2; count += 1) {
    await using caller = await Caller.dial(server.addresses[0]!);
    expect(await caller.closed()).toBe("RST");
    await until(() => errors.length === count, "it is told");
  }
  expect(errors).toEqual([fault, fault]);
  expect(server.tally.rejected.deny).toBe(2);
});

test("onFiles() that throws is told, as anything that is thrown", () => {
  const errors: unknown[] = [];
  const hooks = new HookCaller({
    onFiles: () => {
      throw undefined;
    },
    onError: (error) => void errors.push(error),
  });
  hooks.files(false);
  expect(errors).toEqual([undefined]);
});

test("a trace's printer that throws is told, and disturbs nothing", async () => {
  const errors: unknown[] = [];
  await using server = await startServer({
    addresses,
    reply: "raw",
    trace: new Tracer("server", throws),
    onError: (error) => void errors.push(error),
  });
  expect(errors.length).toBeGreaterThan(0);
  await using caller = await Caller.dial(server.addresses[0]!);
  caller.send("hello");
  expect(String(await caller.receive(5))).toBe("hello");
  caller.finish();
  expect(await caller.closed()).toBe("FIN");
  expect(new Set(errors)).toEqual(new Set([fault]));
  expect(server.tally.closed).toMatchObject({ FIN: 1, error: 0 });
});

/** Serves one caller in a process whose hooks are `hooks`. */
function served(hooks: string): Program {
  const script = `
    import { connect, startServer, Tracer } from ${JSON.stringify(import.meta.resolve("../../src/index.ts"))};
    process.on("uncaughtException", (error) => console.error("uncaught", error.message));
    const throws = (word) => () => { throw new Error(word) };
    const server = await startServer({ addresses: ["127.0.0.1:0"], ${hooks} });
    const connection = await connect(server.addresses[0], {
      trace: new Tracer("client", throws("printer")),
    });
    await connection.write(Buffer.from("hello")).catch(() => {});
    await connection.read().catch(() => {});
    connection.finish();
    await connection.closed;
    await server.stop();
  `;
  return new Program([process.execPath, "-e", script]);
}

test.each([
  ["onConnect", 'onConnect: throws("hook")'],
  ["onDisconnect", 'onDisconnect: throws("hook")'],
  ["onReject", 'deny: ["127.0.0.1"], onReject: throws("hook")'],
  ["a trace", 'trace: new Tracer("server", throws("hook"))'],
  ["onError", 'onConnect: throws("first"), onError: (e) => throws("hook")()'],
  ["onConnect, later,", 'onConnect: async () => throws("hook")()'],
])(
  "%s that throws is an uncaught error where nobody is told",
  async (_, hooks) => {
    await using program = served(hooks);
    expect(await program.ended()).toBe(0);
    expect(program.said).toContain("uncaught hook\n");
    expect(program.said).toContain("uncaught printer\n");
  },
);

const WAYS: [name: string, address: string, options: object][] = [
  ["tls://", "tls://127.0.0.1:0", {}],
  ["a Unix socket", "unix:", {}],
  ["a PROXY header", "127.0.0.1:0", { proxyProtocol: true }],
  [
    "tls:// with a trace",
    "tls://127.0.0.1:0",
    { trace: new Tracer("server", () => {}) },
  ],
];

test.each(WAYS)(
  "onConnect() that throws is told behind %s",
  async (name, address, options) => {
    await using folder = await temporaryFolder();
    const errors: unknown[] = [];
    const ended = Promise.withResolvers<Ended>();
    await using server = await startServer({
      addresses: [address === "unix:" ? `unix:${folder.path("s")}` : address],
      ...options,
      onConnect: throws,
      onDisconnect: ended.resolve,
      onError: (error) => void errors.push(error),
    });
    const [endpoint] = server.addresses;
    const tls = endpoint!.kind === "tls" ? { insecure: true } : undefined;
    const sendProxy = name === "a PROXY header" ? 1 : undefined;
    await using connection = await connect(endpoint!, { tls, sendProxy });
    await connection.closed;
    expect(await ended.promise).toMatchObject({ id: 1, cause: "error" });
    expect(errors).toEqual([fault]);
    expect(await server.stop({ drainTimeout: 0 })).toBe(0);
  },
);
