import { describe, expect, test } from "bun:test";

import type { Endpoint } from "../../../src/address/endpoint.ts";
import { idleCheck } from "../../../src/check/checks/idle/idle.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { found, pathTo } from "../../support/path-to.ts";

interface Heard {
  /** Which of the server's connections it is, from 0 on, and its lines so far. */
  connection: number;
  lines: number;
  timer?: Timer;
}

/** A server that does with each line, and connection, what it is told to do. */
function serverThat(
  answers: (socket: Bun.Socket<Heard>, line: Buffer) => void,
  opened: (socket: Bun.Socket<Heard>) => void = () => {},
) {
  let connections = 0;
  const listener = Bun.listen<Heard>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { connection: connections++, lines: 0 };
        opened(socket);
      },
      data(socket, line) {
        answers(socket, line);
        socket.data.lines += 1;
      },
      close: (socket) => clearInterval(socket.data.timer),
    },
  });
  const endpoint: Endpoint = {
    kind: "tcp",
    host: "127.0.0.1",
    port: listener.port,
  };
  return { endpoint, [Symbol.dispose]: () => listener.stop(true) };
}

describe("what is not about being idle is not said to be", () => {
  test("a server that ends all connections once", async () => {
    const open = new Set<Bun.Socket<Heard>>();
    using server = serverThat(
      (socket, line) => socket.write(line),
      (socket) => {
        open.add(socket);
        // Once most of the first round lies idle.
        if (socket.data.connection !== 8) return;
        setTimeout(() => open.forEach((one) => one.terminate()), 1700);
      },
    );
    const { endpoint } = server;
    const { status, text } = await found(idleCheck, endpoint, { idle: 3000 });
    expect(status).toBe("unknown");
    expect(text).toContain("a connection was reset after");
    expect(text).toContain("fresh ones");
  });

  test("one connection that is lost", async () => {
    using server = serverThat((socket, line) => {
      const { connection, lines } = socket.data;
      if (connection !== 6 || lines === 0) socket.write(line);
    });
    const { endpoint } = server;
    const { status, text } = await found(idleCheck, endpoint, { idle: 2500 });
    expect(status).toBe("unknown");
    expect(text).toContain("a connection was lost after");
    expect(text).toContain("2.50 s was survived");
  });

  test("every seventh connection is lost, idle or not", async () => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      reply: "raw",
    });
    await using proxy = await startProxy({
      target: server.addresses[0]!,
      faults: ["stall after 22 on every 7th"],
    });
    const [at] = proxy.addresses;
    const { status, text } = await found(idleCheck, at!, { idle: 4000 });
    expect(status).toBe("unknown");
    expect(text).toMatch(/without being idle at all|fresh ones/);
  });

  test("a server that takes its time", async () => {
    using server = serverThat((socket, line) => {
      const wait = socket.data.lines === 0 ? 0 : 4500;
      setTimeout(() => socket.write(line), wait);
    });
    const { endpoint } = server;
    const reach = { idle: 1500, timeout: 10_000 };
    const { status, value } = await found(idleCheck, endpoint, reach);
    expect({ status, value }).toEqual({ status: "none", value: 1.5 });
  });

  test("a server that answers one line", async () => {
    using server = serverThat((socket, line) => {
      if (socket.data.lines === 0) socket.write(line);
    });
    const { endpoint } = server;
    const reach = { idle: 1500, timeout: 1000 };
    const { status, text } = await found(idleCheck, endpoint, reach);
    expect(status).toBe("unknown");
    expect(text).toContain("even where it follows at once");
  });

  test("a server that speaks meanwhile: it never is as idle", async () => {
    using server = serverThat(
      (socket, line) => socket.write(line),
      (socket) => {
        const { data } = socket;
        data.timer = setInterval(() => socket.write("tick\n"), 700);
      },
    );
    const path = await pathTo(server.endpoint, { idle: 2500 });
    const { status, rating, means } = await idleCheck.run(path, () => {});
    expect({ status, rating }).toEqual({ status: "none", rating: "notable" });
    expect(means).toContain("never that long");
  });
});
