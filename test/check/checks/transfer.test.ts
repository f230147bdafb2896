import { describe, expect, test } from "bun:test";

import {
  responsivenessOf,
  trimmedMean,
} from "../../../src/check/checks/transfer/responsiveness.ts";
import { transferCheck } from "../../../src/check/checks/transfer/transfer.ts";
import { startServer } from "../../../src/server/server.ts";
import { identity } from "../../support/certificates.ts";
import { Program } from "../../support/cli.ts";
import { haproxy, noHaproxy } from "../../support/haproxy.ts";
import { nginx, noNginx } from "../../support/nginx.ts";
import { found } from "../../support/path-to.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";

const MiB = 2 ** 20;

describe("responsiveness", () => {
  test("is the mean of both kinds of round trips, as the draft has it", () => {
    const samples = {
      tcp: [20, 20, 20],
      tls: [30, 30, 30],
      fresh: [40, 40, 40],
      loaded: [60, 60, 60],
    };
    // 60,000 / ((20 + 30 + 40) / 3) and 60,000 / 60
    expect(responsivenessOf(samples)).toEqual({
      rpm: 1500,
      fresh: 2000,
      loaded: 1000,
    });
    // Without TLS: 60,000 / ((20 + 40) / 2).
    expect(responsivenessOf({ ...samples, tls: [] }).fresh).toBe(2000);
  });

  test("leaves out the slowest twentieth", () => {
    const values = [...Array.from({ length: 19 }, () => 10), 5000];
    expect(trimmedMean(values)).toBe(10);
    expect(trimmedMean([1, 2])).toBeUndefined();
  });

  test("is not told of too few samples", () => {
    const samples = { tcp: [1], tls: [], fresh: [1], loaded: [1, 1, 1] };
    expect(responsivenessOf(samples)).toEqual({
      rpm: null,
      fresh: null,
      loaded: 60_000,
    });
  });
});

describe("what arrives", () => {
  test.each(["raw", "stamp"] as const)("of %s is verified", async (reply) => {
    await using server = await serving({ reply });
    const transfer = 5 * MiB + 1;
    const finding = await found(transferCheck, server.endpoint, { transfer });
    expect(finding).toMatchObject({
      rating: "fine",
      evidence: { echo: { bytes: transfer, end: "all" }, up: null, down: null },
    });
    expect(finding.status).toEndWith("B/s");
    const { echo } = finding.evidence as { echo: { rate: number } };
    expect(finding.value).toBe(echo.rate);
    expect(server.tally.connections.open).toBe(0);
  });

  test("over TLS, behind a PROXY header, each way", async () => {
    await using server = await startServer({
      addresses: ["tls://127.0.0.1:0"],
      tls: identity,
      proxyProtocol: true,
      cooperate: "transfer",
    });
    const approach = { tls: { insecure: true }, sendProxy: 2 as const };
    const transfer = 3 * MiB;
    const target = server.addresses[0]!;
    const all = { bytes: transfer, end: "all" };
    expect(
      await found(transferCheck, target, { approach, transfer }),
    ).toMatchObject({
      rating: "fine",
      evidence: { echo: all, up: all, down: all },
    });
  });

  test("from a server that sends no more than it was sent", async () => {
    await using server = await serving({ cooperate: true });
    const transfer = 3 * MiB;
    expect(
      await found(transferCheck, server.endpoint, { transfer }),
    ).toMatchObject({
      evidence: { up: { bytes: transfer, end: "all" }, down: null },
    });
  });

  test("under a load that lasts, answers are timed", async () => {
    await using both = await proxiedServer({ faults: ["rate 4MB"] });
    const finding = await found(transferCheck, both.proxy.endpoint, {
      transfer: 4 * MiB,
    });
    const { responsiveness, busy } = finding.evidence as {
      responsiveness: { rpm: number };
      busy: { fresh: { count: number }; loaded: { count: number } };
    };
    expect(responsiveness.rpm).toBeGreaterThan(0);
    expect(busy.fresh.count).toBeGreaterThan(2);
    expect(busy.loaded.count).toBeGreaterThan(2);
    expect(finding.text).toContain("round trips a minute");
    expect(finding.means).toContain("draft-ietf-ippm-responsiveness-08");
  });

  test("slowly is what was moved in the time", async () => {
    await using both = await proxiedServer({ faults: ["rate 1MB"] });
    const finding = await found(transferCheck, both.proxy.endpoint);
    expect(finding).toMatchObject({ evidence: { echo: { end: "time" } } });
    // The shaper's own measure, which no machine changes but to less.
    expect(finding.value).toBeLessThan(1.2e6);
    expect(finding.value).toBeGreaterThan(0);
  });

  test.skipIf(noPython)("through the tutorials' server", async () => {
    await using server = new Program(peer("tutorial_server"));
    const port = Number((await server.says(/\d+/))[0]);
    const target = { kind: "tcp", host: "127.0.0.1", port } as const;
    for (let times = 0; times < 2; times += 1) {
      const finding = await found(transferCheck, target, { transfer: MiB });
      expect(finding.evidence["echo"]).toMatchObject({
        bytes: MiB,
        end: "all",
      });
      expect(finding.text).toContain("nobody else is served beside it");
    }
  });

  test.skipIf(noHaproxy)("through HAProxy", async () => {
    await using server = await serving({ cooperate: "transfer" });
    await using balancer = await haproxy(server.endpoint, "");
    const transfer = 8 * MiB;
    const all = { bytes: transfer, end: "all" };
    expect(
      await found(transferCheck, balancer.endpoint, { transfer }),
    ).toMatchObject({ evidence: { echo: all, up: all, down: all } });
  });

  test.skipIf(noNginx)(
    "where half-close is lost, by the echo alone",
    async () => {
      await using server = await serving({ cooperate: true });
      await using proxy = await nginx(server.endpoint);
      const transfer = 3 * MiB;
      const finding = await found(transferCheck, proxy.endpoint, { transfer });
      // nginx may pass the server's word on before it ends both sides.
      expect(finding.evidence["echo"]).toMatchObject({ bytes: transfer });
      expect(finding.status).toEndWith("B/s");
    },
  );
});

test("a server that does not read while it writes is told", async () => {
  // What is sent to it before it has written is never read.
  using server = Bun.listen<{ busy: boolean }>({
    hostname: "127.0.0.1",
    port: 0,
    data: { busy: false },
    socket: {
      open: (socket) => void (socket.data = { busy: false }),
      data(socket, bytes) {
        if (bytes.length > 16_384) socket.data.busy = true;
        if (!socket.data.busy) socket.write(bytes);
      },
    },
  });
  const target = { kind: "tcp", host: "127.0.0.1", port: server.port } as const;
  const finding = await found(transferCheck, target, { timeout: 3000 });
  expect(finding).toMatchObject({
    rating: "notable",
    evidence: { echo: { end: "stalled" }, again: { end: "all" } },
  });
  expect(finding.means).toContain("does not read while it writes");
});

describe("what does not", () => {
  const ALTERED = [
    ["corrupt after 3000000", 3_000_000, "changed"],
    ["drop 7 after 3000000", 3_000_000, "7 bytes did not come"],
    ["repeat 9 after 3000000", 3_000_009, "went back by 9 bytes"],
    ["swap after 3000000", 3_000_000, "came later"],
  ] as const;
  test.each(ALTERED)(
    "%s, is altered at byte %d",
    async (fault, offset, told) => {
      await using both = await proxiedServer({ faults: [fault] });
      const finding = await found(transferCheck, both.proxy.endpoint, {
        transfer: 8 * MiB,
      });
      expect(finding).toMatchObject({
        status: "altered",
        rating: "harmful",
        evidence: { echo: { wrong: { offset } } },
      });
      expect(finding.text).toContain(told);
      expect(finding.text).toEndWith("on another connection, too");
    },
  );

  test("is altered toward the server", async () => {
    // An echo's question is 8 bytes of "sounder", and its bytes fewer.
    await using both = await proxiedServer(
      { faults: ["corrupt toward server after 3MiB"] },
      { cooperate: true },
    );
    const finding = await found(transferCheck, both.proxy.endpoint, {
      transfer: 3 * MiB - 10,
    });
    expect(finding.status).toBe("altered");
    expect(finding.text).toContain("toward the server");
  });

  test("because connections break off, is told with both", async () => {
    await using both = await proxiedServer({ faults: ["reset after 2MiB"] });
    expect(await found(transferCheck, both.proxy.endpoint)).toMatchObject({
      status: "cut",
      rating: "harmful",
      evidence: { echo: { end: "RST", bytes: 2 * MiB }, again: { end: "RST" } },
    });
  });

  test("because one connection breaks off, is tried again", async () => {
    await using both = await proxiedServer();
    // The fourth: two asked who it is, one timed an answer.
    both.proxy.faults = ["finish after 1MiB on every 4th"];
    const transfer = 2 * MiB;
    const finding = await found(transferCheck, both.proxy.endpoint, {
      transfer,
    });
    expect(finding).toMatchObject({
      rating: "notable",
      evidence: { echo: { end: "FIN" } },
    });
    expect(finding.text).toContain("but one of two connections ended (FIN)");
  });

  test("because nothing moves any more, is told", async () => {
    await using both = await proxiedServer({ faults: ["vanish after 1MiB"] });
    const finding = await found(transferCheck, both.proxy.endpoint, {
      timeout: 3000,
    });
    expect(finding).toMatchObject({ status: "stalled", rating: "harmful" });
  });
});
