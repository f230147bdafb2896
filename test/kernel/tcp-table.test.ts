import { expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { tcpStateOf } from "../../src/kernel/tcp-table.ts";
import { startServer } from "../../src/server/server.ts";
import { until } from "../support/until.ts";

const noProc = process.platform !== "linux";

test.skipIf(noProc).each(["127.0.0.1:0", "[::1]:0", "[::]:0"])(
  "who closes first is left in TIME-WAIT: %s",
  async (address) => {
    await using server = await startServer({ addresses: [address] });
    const connection = await connect(
      address === "[::]:0" ? `127.0.0.1:${server.port}` : server.addresses[0]!,
    );
    const local = {
      address: connection.localAddress!,
      port: connection.localPort!,
    };
    const remote = {
      address: connection.remoteAddress!,
      port: connection.remotePort!,
    };
    expect(tcpStateOf(local, remote)).toBe("ESTABLISHED");
    connection.finish();
    await connection.readAll();
    await connection.closed;
    const waits = () => tcpStateOf(local, remote) === "TIME-WAIT";
    await until(waits, "the kernel keeps it in TIME-WAIT");
    expect(tcpStateOf(local, { ...remote, port: 1 })).toBe("CLOSED");
  },
);
