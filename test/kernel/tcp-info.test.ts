import { expect, test } from "bun:test";

import { tcpInfo } from "../../src/kernel/tcp-info.ts";
import { until } from "../support/until.ts";

const isLinux = process.platform === "linux";

test.skipIf(!isLinux)("the kernel tells what a connection did", async () => {
  let accepted: Bun.Socket<undefined> | undefined;
  let answered = 0;
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: {
      open(socket) {
        accepted = socket as Bun.Socket<undefined>;
      },
      data: (socket, chunk) => void socket.write(chunk),
      end() {},
    },
  });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    allowHalfOpen: true,
    socket: { data: (_, chunk) => void (answered += chunk.length) },
  });
  client.write(Buffer.alloc(1000));
  await until(() => answered === 1000, "the echo");

  const info = tcpInfo((client as unknown as { fd: number }).fd)!;
  expect(info.state).toBe("ESTABLISHED");
  expect(info.bytesReceived).toBe(1000);
  expect(info.bytesAcked).toBe(1001);
  expect(info.dataSegmentsOut).toBe(1);
  expect(info.segmentsIn).toBeGreaterThanOrEqual(2);
  expect(info.minRtt).toBeGreaterThan(0);
  expect(info.minRtt).toBeLessThan(1_000_000);
  expect(info.sendMss).toBeGreaterThan(500);
  expect(info.pathMtu).toBeGreaterThan(info.sendMss);

  client.shutdown();
  const { fd } = accepted as unknown as { fd: number };
  await until(() => tcpInfo(fd)?.state === "CLOSE-WAIT", "the FIN");
  accepted!.end();
  client.end();
});

test("what is no TCP socket has none", async () => {
  expect(tcpInfo(undefined)).toBeUndefined();
  expect(tcpInfo(-1)).toBeUndefined();
  expect(tcpInfo(0)).toBeUndefined();
});
