import { expect, test } from "bun:test";

import {
  alwaysJoined,
  heldIn,
  isSlowServer,
  isSteady,
  joinCheck,
  joinedIn,
} from "../../../src/check/checks/join/join.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { nginx, noNginx } from "../../support/nginx.ts";
import { found } from "../../support/path-to.ts";
import { noSocat, socat } from "../../support/socat.ts";

const serve = (cooperate = true) =>
  startServer({ addresses: ["127.0.0.1:0"], cooperate });
const trial = (...arrived: [number, number][]) => ({ sent: [], arrived });

test("writes that come together are known by their places", () => {
  const nagle = trial([0, 100], [41, 200], [46, 100]);
  expect([...joinedIn(nagle)]).toEqual([2]);
  expect(heldIn(nagle)).toBe(41);
  const chance = trial([0, 100], [15, 100], [31, 200]);
  expect(alwaysJoined([nagle, nagle])).toBe(1);
  expect(alwaysJoined([nagle, chance])).toBe(0);
});

test("a machine that is too slow to write in time proves nothing", () => {
  expect(isSteady({ sent: [0, 15, 31], arrived: [] })).toBe(true);
  expect(isSteady({ sent: [0, 15, 60], arrived: [] })).toBe(false);
});

test.each([true, false])(
  "a direct path keeps writes apart, cooperating: %p",
  async (cooperate) => {
    await using server = await serve(cooperate);
    const { status } = await found(joinCheck, server.addresses[0]!);
    expect(status).toBe("apart");
  },
);

test.each([true, false])(
  "a path that joins is told, cooperating: %p",
  async (cooperate) => {
    await using server = await serve(cooperate);
    const [target] = server.addresses;
    const faults = ["join 500 60ms toward server"];
    await using proxy = await startProxy({ target: target!, faults });
    const { status } = await found(joinCheck, proxy.addresses[0]!);
    expect(status).toBe("joined");
  },
);

test.skipIf(noSocat)(
  "socat without nodelay waits as Nagle's algorithm does",
  async () => {
    await using server = await serve();
    await using proxy = await socat(server.addresses[0]!);
    const { status, text } = await found(joinCheck, proxy.endpoint);
    expect(status).toBe("joined");
    expect(text).toContain("Nagle");
  },
);

test.skipIf(noNginx)(
  "nginx keeps writes apart, and doesn't without tcp_nodelay",
  async () => {
    await using server = await serve();
    await using apart = await nginx(server.addresses[0]!);
    expect((await found(joinCheck, apart.endpoint)).status).toBe("apart");
    await using joined = await nginx(server.addresses[0]!, "tcp_nodelay off;");
    expect((await found(joinCheck, joined.endpoint)).status).toBe("joined");
  },
);

test("a server that is slow to each write is not taken for a path that joins", async () => {
  using slow = Bun.listen<{ waiting: Buffer[] }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (socket.data = { waiting: [] }),
      data(socket, chunk) {
        const { waiting } = socket.data;
        const isIdle = waiting.length === 0;
        waiting.push(Buffer.from(chunk));
        // What comes meanwhile is taken together, afterwards.
        const take = (pieces: number) => {
          setTimeout(() => {
            socket.write(Buffer.concat(waiting.splice(0, pieces)));
            if (waiting.length > 0) take(waiting.length);
          }, 40);
        };
        if (isIdle) take(1);
      },
    },
  });
  const at = { kind: "tcp", host: "127.0.0.1", port: slow.port } as const;
  const { status, text } = await found(joinCheck, at);
  expect(status).toBe("unknown");
  expect(text).toContain("one after the other");
});

test("what waits for more has several writes at first", () => {
  const held = { ...trial([60, 400], [120, 400]), echo: 60 };
  const slow = { ...trial([40, 100], [80, 200]), echo: 40 };
  const quick = { ...trial([0, 100], [40, 200]), echo: 0.1 };
  expect([held, slow, quick].map(isSlowServer)).toEqual([false, true, false]);
  expect(isSlowServer(trial([40, 100]))).toBe(false);
});
