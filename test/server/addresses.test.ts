import { describe, expect, spyOn, test } from "bun:test";
import dns from "node:dns/promises";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";

import { startServer } from "../../src/server/server.ts";
import { type Endpoint, formatEndpoint } from "../../src/address/endpoint.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { Caller } from "../support/caller.ts";
import { temporaryFolder } from "../support/folder.ts";

async function answers(endpoint: Endpoint): Promise<boolean> {
  await using caller = await Caller.dial(endpoint);
  caller.send("ping");
  return String(await caller.receive(4)) === "ping";
}

/** A tracer, and the endpoints that a server told to it as it bound them. */
function bindings() {
  const bound: Endpoint[] = [];
  const tracer = new Tracer("server", (line) => {
    const port = /\(2\) bind +127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) {
      bound.push({ kind: "tcp", host: "127.0.0.1", port: Number(port) });
    }
  });
  return { bound, tracer };
}

describe("startServer()", () => {
  test("startServer() listens on several addresses at once", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    await using server = await startServer({
      addresses: [
        "127.0.0.1:0",
        { kind: "tcp", host: "127.0.0.1", port: 0 },
        `unix:${path}`,
      ],
      reply: "raw",
    });
    const [one, two, three] = server.addresses as [
      Endpoint,
      Endpoint,
      Endpoint,
    ];
    expect(one).not.toEqual(two);
    expect(three).toEqual({ kind: "unix", path });
    for (const endpoint of [one, two, three]) {
      expect(await answers(endpoint)).toBe(true);
    }
    expect(server.tally.connections.total).toBe(3);
  });

  test("startServer() takes every interface when told a port only", async () => {
    await using server = await startServer({ addresses: [":0"], reply: "raw" });
    const [bound] = server.addresses as [Extract<Endpoint, { host: string }>];
    expect(bound.host).toBeOneOf(["::", "0.0.0.0"]);
    expect(await answers({ ...bound, host: "127.0.0.1" })).toBe(true);
  });

  test.each([undefined, "EAFNOSUPPORT", "EADDRNOTAVAIL"])(
    "startServer() takes every IPv4 interface where IPv6 fails with %p",
    async (code) => {
      // Bun tells a socket(2) that failed without a code.
      const failed = Object.assign(new Error("Failed to listen at ::"), {
        code,
      });
      using _listen = spyOn(Bun, "listen").mockImplementationOnce(() => {
        throw failed;
      });
      await using server = await startServer({
        addresses: [":0"],
        reply: "raw",
      });
      const [bound] = server.addresses as [Endpoint];
      expect(bound).toMatchObject({ kind: "tcp", host: "0.0.0.0" });
      expect(await answers(bound)).toBe(true);
    },
  );

  test("startServer() does not make do with IPv4 for another reason", async () => {
    const failed = Object.assign(new Error(), { code: "EADDRINUSE" });
    using _listen = spyOn(Bun, "listen").mockImplementationOnce(() => {
      throw failed;
    });
    await expect(startServer({ addresses: [":0"] })).rejects.toThrow(
      "cannot listen on [::]:0: the address is in use (EADDRINUSE)",
    );
  });

  test("startServer() answers with the time unless told otherwise", async () => {
    await using server = await startServer({ addresses: ["127.0.0.1:0"] });
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.send("hello");
    expect(String(await caller.receive(32))).toMatch(/^\[.{24}\] hello$/);
  });

  test("startServer() tells an address that is in use, and holds none", async () => {
    await using other = await startServer({ addresses: ["127.0.0.1:0"] });
    const taken = formatEndpoint(other.addresses[0]!);
    const { bound, tracer } = bindings();
    const starting = startServer({
      addresses: ["127.0.0.1:0", taken, "127.0.0.1:0"],
      trace: tracer,
    });
    await expect(starting).rejects.toMatchObject({
      name: "SounderError",
      code: "EADDRINUSE",
      message: `cannot listen on ${taken}: the address is in use (EADDRINUSE)`,
    });
    expect(bound.length).toBe(1);
    await expect(Caller.dial(bound[0]!)).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  test("startServer() holds no connection when it fails", async () => {
    const dialled = Promise.withResolvers<Caller>();
    const tracer = new Tracer("server", (line) => {
      const port = Number(/\(3\) listen +127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
      if (Number.isNaN(port)) return;
      const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
      Caller.dial(endpoint).then(dialled.resolve, dialled.reject);
    });
    // The name is looked up until somebody has come to the first address.
    using _lookup = spyOn(dns, "lookup").mockImplementation(async () => {
      await dialled.promise;
      throw Object.assign(new Error(), { code: "ENOTFOUND" });
    });
    const addresses = ["127.0.0.1:0", "nobody.invalid:0"];
    await expect(startServer({ addresses, trace: tracer })).rejects.toThrow(
      "cannot listen on nobody.invalid:0: the name is not known (ENOTFOUND)",
    );
    const caller = await dialled.promise;
    expect(await caller.closed()).toBe("RST");
  });

  test.each([
    ["203.0.113.1:0", "EADDRNOTAVAIL", "this machine has no such address"],
    ["unix:/nowhere/echo.sock", "ENOENT", "no such folder"],
  ])("startServer() tells why not %s", async (address, code, reason) => {
    await expect(startServer({ addresses: [address] })).rejects.toMatchObject({
      code,
      message: `cannot listen on ${address}: ${reason} (${code})`,
    });
  });

  test("startServer() rejects what is no address before it listens", async () => {
    const { bound, tracer } = bindings();
    const addresses = ["127.0.0.1:0", "nonsense:port"];
    await expect(
      startServer({ addresses, trace: tracer }),
    ).rejects.toMatchObject({ code: "EADDRESS" });
    expect(bound).toEqual([]);
  });
});

describe("startServer() on a Unix socket's path", () => {
  /** Leaves the file of a server that was killed. */
  function killedServer(path: string): void {
    const script = `
      Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } });
      process.kill(process.pid, "SIGKILL");`;
    Bun.spawnSync([process.execPath, "-e", script]);
    expect(existsSync(path)).toBe(true);
  }

  test("startServer() replaces the socket of a killed server", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    killedServer(path);
    await using server = await startServer({
      addresses: [`unix:${path}`],
      reply: "raw",
    });
    expect(await answers(server.addresses[0]!)).toBe(true);
  });

  test("startServer() leaves a live socket to its server", async () => {
    await using folder = await temporaryFolder();
    const addresses = [`unix:${folder.path("echo.sock")}`];
    await using live = await startServer({ addresses, reply: "raw" });
    await expect(startServer({ addresses })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    expect(await answers(live.addresses[0]!)).toBe(true);
  });

  test("startServer() takes no path with a NUL in it", async () => {
    for (const path of ["\0echo", "/tmp/echo\0"]) {
      const endpoint: Endpoint = { kind: "unix", path };
      await expect(startServer({ addresses: [endpoint] })).rejects.toThrow(
        "a path has no NUL in it (EINVAL)",
      );
    }
  });

  test("startServer() never deletes what is no socket", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("precious.txt");
    writeFileSync(path, "precious");
    await expect(
      startServer({ addresses: [`unix:${path}`] }),
    ).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  test("startServer() never follows a link", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    const link = folder.path("link.sock");
    killedServer(path);
    symlinkSync(path, link);
    await expect(
      startServer({ addresses: [`unix:${link}`] }),
    ).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(existsSync(path)).toBe(true);
  });

  test("startServer() removes its socket when another address fails", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    const addresses = [`unix:${path}`, "203.0.113.1:0"];
    await expect(startServer({ addresses })).rejects.toThrow();
    expect(existsSync(path)).toBe(false);
  });
});
