import { expect, test } from "bun:test";

import {
  alwaysJoined,
  heldIn,
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
