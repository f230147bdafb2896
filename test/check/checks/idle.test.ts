import { describe, expect, test } from "bun:test";

import { idleCheck } from "../../../src/check/checks/idle/idle.ts";
import { connect } from "../../../src/client/connect.ts";
import { questionLine } from "../../../src/protocol/cooperation/question.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { run } from "../../support/cli.ts";
import { noHaproxy, startHaproxy } from "../../support/haproxy.ts";
import { forgetful, Network, noNetns } from "../../support/netns.ts";
import { nginx, noNginx } from "../../support/nginx.ts";
import { found, pathTo } from "../../support/path-to.ts";

test("a server's limits are told apart", async () => {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    cooperate: true,
    idleTimeout: 3_600_000,
    maxLifetime: 2000,
  });
  const { text } = await found(idleCheck, server.addresses[0]!, { idle: 5000 });
  expect(text).toEndWith("(its --max-lifetime)");
});

test("where few connections are served, the longest idle time is among them", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const [target] = server.addresses;
  await using proxy = await startProxy({
    target: target!,
    faults: ["limit 4"],
  });
  const path = { idle: 3000, timeout: 3000 };
  const finding = await found(idleCheck, proxy.addresses[0]!, path);
  expect(finding).toMatchObject({ status: "none", value: 3 });
  expect(finding.evidence["untried"]).toBeGreaterThan(0);
  expect(finding.text).toContain("could not be tried");
});

test.skipIf(process.platform !== "linux")(
  "our own end sends no keepalive",
  async () => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      cooperate: true,
    });
    const [target] = server.addresses;
    await using connection = await connect(target!);
    const { localPort } = connection;
    // The fifth column: whether a timer is armed, 02 for that of keepalive.
    const timers = async (from: number, to: number) => {
      const lines = (await Bun.file("/proc/net/tcp").text()).split("\n");
      const hex = (port: number) =>
        `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
      return lines
        .map((line) => line.trim().split(/\s+/))
        .filter(
          ([, local, remote]) =>
            local?.endsWith(hex(from)) && remote?.endsWith(hex(to)),
        )
        .map(([, , , , , timer]) => timer!.slice(0, 2));
    };
    const port = (target as { port: number }).port;
    expect(await timers(localPort!, port)).toEqual(["00"]);
    await connection.write(questionLine({ ask: "quiet" }));
    await connection.read();
    // The server's own end, once it was asked for none.
    for (;;) {
      const [timer] = await timers(port, localPort!);
      if (timer === "00") break;
      await Bun.sleep(20);
    }
  },
);

describe.each([true, false])(
  "with a server that cooperates: %p",
  (cooperate) => {
    const serve = () =>
      startServer({ addresses: ["127.0.0.1:0"], reply: "raw", cooperate });

    test("a direct path has none", async () => {
      await using server = await serve();
      const { status, rating, value } = await found(
        idleCheck,
        server.addresses[0]!,
        { idle: 3000 },
      );
      expect({ status, rating, value }).toEqual({
        status: "none",
        rating: "fine",
        value: 3,
      });
    });

    test.each([
      ["finish idle 2s", "finish", "notable"],
      ["reset idle 2s", "reset", "notable"],
      ["vanish idle 2s", "silent", "harmful"],
    ] as const)("%s is told", async (fault, status, rating) => {
      await using server = await serve();
      const [target] = server.addresses;
      await using proxy = await startProxy({
        target: target!,
        faults: [fault],
      });
      const [at] = proxy.addresses;
      const finding = await found(idleCheck, at!, { idle: 5000 });
      expect(finding).toMatchObject({ status, rating });
      expect(finding.value).toBeGreaterThan(1.5);
      expect(finding.value).toBeLessThan(2.5);
    });
  },
);

test("a server's own idle timeout is not the path's", async () => {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    cooperate: true,
    idleTimeout: 2000,
  });
  const { status, text } = await found(idleCheck, server.addresses[0]!, {
    idle: 6000,
  });
  expect(status).toBe("finish");
  expect(text).toStartWith("the server itself ended an idle connection");
});

test.skipIf(noNginx)("nginx's proxy_timeout is an announced end", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const [target] = server.addresses;
  await using proxy = await nginx(target!, "proxy_timeout 2s;");
  const finding = await found(idleCheck, proxy.endpoint, { idle: 5000 });
  expect(finding.status).toBe("finish");
  expect(finding.value).toBeGreaterThan(1.5);
  expect(finding.value).toBeLessThan(4);
});

test.skipIf(noHaproxy)("HAProxy's timeouts are an announced end", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const target = server.addresses[0] as { port: number };
  await using proxy = await startHaproxy(
    (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 3s
  timeout server 3s
listen front
  bind fd@3
  server echo 127.0.0.1:${target.port}
`,
  );
  const finding = await found(idleCheck, proxy.endpoint, { idle: 6000 });
  expect(finding.status).toBe("finish");
  expect(finding.value).toBeGreaterThan(2.5);
  expect(finding.value).toBeLessThan(5);
  expect(finding.means).toContain("HAProxy's timeout client");
  expect(finding.means).toContain("or the server itself");
});

test.skipIf(noHaproxy)(
  "keepalives of a proxy to the server are seen",
  async () => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      cooperate: true,
    });
    const target = server.addresses[0] as { port: number };
    await using proxy = await startHaproxy(
      (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  option srvtcpka
  srvtcpka-idle 1s
  srvtcpka-intvl 1s
  timeout connect 10s
  timeout client 60s
  timeout server 60s
listen front
  bind fd@3
  server echo 127.0.0.1:${target.port}
`,
    );
    const finding = await found(idleCheck, proxy.endpoint, { idle: 5000 });
    expect(finding).toMatchObject({ status: "none", rating: "notable" });
    expect(finding.text).toContain("segments came meanwhile");
  },
);

test("a server that serves one at a time is tried with one connection", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!, { idle: 1500 });
  path.known.oneAtATime = true;
  const finding = await idleCheck.run(path, () => {});
  expect(finding).toMatchObject({ status: "none", value: 1.5 });
});

test.skipIf(noNetns)(
  "a NAT that forgets after 6 s is found, without root",
  async () => {
    await using network = await Network.make(forgetful(6));
    await using _server = await network.serve("server", "0.0.0.0:7");
    const args = [`${network.server}:7`, "--only", "idle", "--json", "-"];
    const { stdout, stderr } = await run(network.client("check", ...args));
    if (stdout === "") throw new Error(stderr);
    const { checks, seconds } = JSON.parse(stdout);
    const [{ status, evidence }] = checks;
    expect(status).toBe("silent");
    expect(evidence.survived).toBeGreaterThan(5.5);
    expect(evidence.killed).toBeLessThan(7);
    expect(evidence.killed - evidence.survived).toBeLessThan(0.4);
    expect(seconds).toBeLessThan(60);
  },
);
