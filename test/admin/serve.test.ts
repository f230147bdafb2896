import { describe, expect, spyOn, test } from "bun:test";
import { existsSync } from "node:fs";

import { startAdmin } from "../../src/admin/admin.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import { adminOf } from "../support/admin.ts";
import { FakeSource } from "../support/fake-source.ts";
import { temporaryFolder } from "../support/folder.ts";
import { statusOf } from "../support/status.ts";

const GET = "GET /metrics HTTP/1.1\r\nHost: ";

function start(address: string | Endpoint) {
  return startAdmin({ address, source: new FakeSource(), version: "1.2.3" });
}

describe("startAdmin()", () => {
  test("startAdmin() stays on this machine where no host is named", async () => {
    await using admin = await start("0");
    expect(admin.address).toEqual({
      kind: "tcp",
      host: "127.0.0.1",
      port: expect.any(Number),
    });
    expect(admin.address).not.toMatchObject({ port: 0 });
    expect(await statusOf(admin.address, `${GET}localhost`)).toBe(200);
  });

  test.each(["127.0.0.1", "::1"])(
    "startAdmin() on [::] is asked at %s",
    async (host) => {
      await using admin = await start("[::]:0");
      const { port } = admin.address as { port: number };
      const asked: Endpoint = { kind: "tcp", host, port };
      expect(await statusOf(asked, `${GET}localhost`)).toBe(200);
    },
  );

  test.each(["EAFNOSUPPORT", "EADDRNOTAVAIL"])(
    "startAdmin() on [::] makes do with IPv4 where IPv6 fails with %s",
    async (code) => {
      const failed = Object.assign(new Error(code), { code });
      using listen = spyOn(Bun, "listen").mockImplementationOnce(() => {
        throw failed;
      });
      await using admin = await start("[::]:0");
      const hosts = listen.mock.calls.map(([options]) =>
        "hostname" in options ? options.hostname : undefined,
      );
      expect(hosts).toEqual(["::", "0.0.0.0"]);
      const { port } = admin.address as { port: number };
      const asked: Endpoint = { kind: "tcp", host: "127.0.0.1", port };
      expect(await statusOf(asked, `${GET}localhost`)).toBe(200);
    },
  );

  test("startAdmin() takes an endpoint, too", async () => {
    await using admin = await start({
      kind: "tcp",
      host: "localhost",
      port: 0,
    });
    expect(admin.address).toMatchObject({ kind: "tcp", host: "localhost" });
    expect(await statusOf(admin.address, `${GET}localhost`)).toBe(200);
  });

  test("startAdmin() serves a Unix socket, by any name", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("admin.sock");
    const admin = await start(`unix:${path}`);
    expect(admin.address).toEqual({ kind: "unix", path });
    expect(await statusOf(admin.address, `${GET}any.example`)).toBe(200);
    await admin.stop();
    expect(existsSync(path)).toBe(false);
  });

  test("startAdmin() replaces the socket of a server that was killed", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("admin.sock");
    const killed = Bun.spawn([
      process.execPath,
      "-e",
      `Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } });
       process.kill(process.pid, "SIGKILL");`,
    ]);
    await killed.exited;
    expect(existsSync(path)).toBe(true);
    await using admin = await start(`unix:${path}`);
    expect(await statusOf(admin.address, `${GET}x`)).toBe(200);
  });

  test("startAdmin() leaves the socket of a live server alone", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("admin.sock")}`;
    await using admin = await start(address);
    await expect(start(address)).rejects.toMatchObject({
      name: "SounderError",
      code: "EADDRINUSE",
      message: `cannot serve admin pages on ${address}: the address is in use (EADDRINUSE)`,
    });
    expect(await statusOf(admin.address, `${GET}x`)).toBe(200);
  });

  test("startAdmin() says why it can't have an address", async () => {
    await using admin = await adminOf(new FakeSource());
    const taken = admin.url.slice("http://".length);
    const mistakes = [
      [taken, "EADDRINUSE", "the address is in use"],
      ["192.0.2.1:0", "EADDRNOTAVAIL", "this machine has no such address"],
      ["unix:/nowhere/admin.sock", "ENOENT", "no such folder"],
    ];
    for (const [address, code, reason] of mistakes) {
      await expect(start(address!)).rejects.toMatchObject({
        name: "SounderError",
        code,
        message: `cannot serve admin pages on ${address}: ${reason} (${code})`,
      });
    }
  });

  test("startAdmin() says that a name is not known", async () => {
    await expect(start("nobody.invalid:0")).rejects.toMatchObject({
      name: "SounderError",
      message: expect.stringMatching(
        /^cannot serve admin pages on nobody\.invalid:0: .* \(E[A-Z_]+\)$/,
      ),
    });
  });

  test("startAdmin() speaks no TLS", async () => {
    await expect(start("tls://localhost:0")).rejects.toMatchObject({
      name: "SounderError",
      code: "EADDRESS",
      message:
        "cannot serve admin pages on tls://localhost:0: they are plain HTTP, " +
        "on TCP or a Unix socket (EADDRESS)",
    });
  });
});
