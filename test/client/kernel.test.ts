import { expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { startServer } from "../../src/server/server.ts";

const isLinux = process.platform === "linux";

test.skipIf(!isLinux)(
  "a connection tells its ends, and its kernel's view",
  async () => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      reply: "raw",
    });
    const connection = await connect(server.addresses[0]!);
    expect(connection.remoteAddress).toBe("127.0.0.1");
    expect(connection.remotePort).toBe(server.port!);
    expect(connection.localPort).toBeGreaterThan(0);
    expect(connection.tls).toBeUndefined();
    expect(connection.tcpInfo()!.state).toBe("ESTABLISHED");
    connection.reset();
    expect(connection.tcpInfo()).toBeUndefined();
    await connection.closed;
  },
);

test("a connection exports keys of its TLS", async () => {
  await using server = await startServer({ addresses: ["tls://127.0.0.1:0"] });
  await using connection = await connect(server.addresses[0]!, {
    tls: { insecure: true },
  });
  const { tls } = connection;
  expect(tls!.version).toStartWith("TLSv1");
  expect(tls!.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  const key = tls!.exportKey(32, "EXPORTER-test");
  expect(key.length).toBe(32);
  expect(tls!.exportKey(32, "EXPORTER-test")).toEqual(key);
  expect(tls!.exportKey(32, "EXPORTER-other")).not.toEqual(key);
});
