import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import type { Endpoint } from "../../../src/address/endpoint.ts";
import { segmentsOf } from "../../../src/check/checks/terminated/far-end.ts";
import { terminatedCheck } from "../../../src/check/checks/terminated/terminated.ts";
import { areAlike } from "../../../src/check/checks/terminated/timing.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";
import { haproxy, noHaproxy, startHaproxy } from "../../support/haproxy.ts";
import { forgetful, Network, noNetns } from "../../support/netns.ts";
import { nginx, noNginx } from "../../support/nginx.ts";
import { run } from "../../support/cli.ts";
import { found } from "../../support/path-to.ts";
import { noSocat, socat, socatTo } from "../../support/socat.ts";

const INSECURE = { tls: { insecure: true } };
const noProc = process.platform !== "linux";

const serve = (address = "127.0.0.1:0", cooperate = true) =>
  startServer({ addresses: [address], reply: "raw", cooperate });
const statusOf = async (at: Endpoint, approach = {}) =>
  (await found(terminatedCheck, at, { approach })).status;

describe.skipIf(noProc)("with a server that cooperates", () => {
  test("a direct path ends nothing between, nor does its TLS", async () => {
    await using plain = await serve();
    expect(await statusOf(plain.addresses[0]!)).toBe("no");
    await using secure = await serve("tls://127.0.0.1:0");
    expect(await statusOf(secure.addresses[0]!, INSECURE)).toBe("no");
  });

  test.skipIf(noHaproxy)("HAProxy ends TCP", async () => {
    await using server = await serve();
    await using proxy = await haproxy(server.addresses[0]!, "");
    expect(await statusOf(proxy.endpoint)).toBe("tcp");
  });

  test.skipIf(noNginx)("nginx ends TCP", async () => {
    await using server = await serve();
    await using proxy = await nginx(server.addresses[0]!);
    expect(await statusOf(proxy.endpoint)).toBe("tcp");
  });

  test.skipIf(noSocat)("socat ends TCP", async () => {
    await using server = await serve();
    await using proxy = await socat(server.addresses[0]!);
    expect(await statusOf(proxy.endpoint)).toBe("tcp");
  });

  test.skipIf(noSocat)("a proxy's own keepalives are not ours", async () => {
    await using server = await serve();
    const [inner] = server.addresses;
    if (inner?.kind !== "tcp") throw new Error("no TCP");
    const often = "keepalive,keepidle=1,keepintvl=1";
    await using proxy = await socatTo(`TCP:127.0.0.1:${inner.port},${often}`);
    expect(await statusOf(proxy.endpoint)).toBe("tcp");
  });

  test.skipIf(noNetns)("a NAT ends nothing", async () => {
    await using network = await Network.make(forgetful(600));
    await using _server = await network.serve(
      "server",
      "--cooperate",
      "[::]:7",
    );
    const only = ["--only", "terminated,address", "--json", "-"];
    const { stdout } = await run(
      network.client("check", `${network.server}:7`, ...only),
    );
    const statuses = JSON.parse(stdout).checks.map(
      ({ status }: { status: string }) => status,
    );
    expect(statuses).toEqual(["no", "translated"]);
  });
});

test("segments that arrive are ours where others' can't explain them", () => {
  const of = (answered: number, arrived: number, foreign: number | null) =>
    segmentsOf({ answered, arrived, foreign });
  expect(of(2, 2, 0)).toBe("arrive");
  expect(of(2, 0, null)).toBe("answered-between");
  // One of them was answered by somebody who is not the server.
  expect(of(2, 1, null)).toBe("answered-between");
  expect(of(2, 2, 1)).toBe("unknown");
  expect(of(5, 5, 5)).toBe("answered-between");
  expect(of(5, 9, 5)).toBe("arrive");
  expect(of(1, 1, 0)).toBe("unknown");
});

test("times of a distance are alike, those of a slow server are not", () => {
  expect(areAlike([20, 20.4, 21, 20.1], 20)).toBe(true);
  expect(areAlike([20, 16, 12, 8], 20)).toBe(false);
  expect(areAlike([20, 36, 32, 28], 20)).toBe(false);
  expect(areAlike([Infinity], 20)).toBe(false);
});

describe.skipIf(noProc || noHaproxy || noOpenssl)("HAProxy before TLS", () => {
  const configured = (server: Endpoint, bind: string, to: string) => {
    const place = server.kind === "unix" ? "" : `127.0.0.1:${server.port}`;
    return startHaproxy(
      (admin) => `global
  stats socket ${admin} level admin
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen path
  bind fd@3 ${bind}
  server one ${place} ${to}
`,
    );
  };

  test("passes it on in tcp mode, and ends it in ssl mode", async () => {
    await using folder = await certificates();
    const both = join(folder.path("both.pem"));
    const texts = [folder.pem("server"), folder.key("server")];
    const pems = await Promise.all(texts.map((file) => Bun.file(file).text()));
    await Bun.write(both, pems.join(""));

    await using secure = await serve("tls://127.0.0.1:0");
    const [inner] = secure.addresses;
    await using passing = await configured(inner!, "", "");
    await using ending = await configured(
      inner!,
      `ssl crt ${both}`,
      "ssl verify none",
    );
    const tls = (endpoint: Endpoint) =>
      ({ ...endpoint, kind: "tls" }) as Endpoint;
    expect(await statusOf(tls(passing.endpoint), INSECURE)).toBe("tcp");
    expect(await statusOf(tls(ending.endpoint), INSECURE)).toBe("tls");

    await using plain = await serve();
    await using offloading = await configured(
      plain.addresses[0]!,
      `ssl crt ${both}`,
      "",
    );
    const { status, text } = await found(
      terminatedCheck,
      tls(offloading.endpoint),
      { approach: INSECURE },
    );
    expect(status).toBe("tls");
    expect(text).toContain("gets plain bytes");
  });
});

describe.skipIf(noProc)("alone", () => {
  test("a distant server behind a near end of TCP shows", async () => {
    await using server = await serve("127.0.0.1:0", false);
    const [target] = server.addresses;
    const faults = ["delay 20ms toward server"];
    await using far = await startProxy({ target: target!, faults });
    const finding = await found(terminatedCheck, far.addresses[0]!);
    expect(finding.status).toBe("tcp");
    expect(finding.text).toContain("somebody near ends TCP");
  });

  test("a server that is slow to answer is no path", async () => {
    using slow = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data: (socket, chunk) => {
          const answer = Buffer.from(chunk);
          setTimeout(() => socket.write(answer), 20);
        },
      },
    });
    const at = { kind: "tcp", host: "127.0.0.1", port: slow.port } as const;
    const { status, text } = await found(terminatedCheck, at);
    expect(status).toBe("unknown");
    expect(text).toContain("slow to answer");
  });

  for (const kind of ["one after the other", "now and then"] as const) {
    test(`a server that looks at its input ${kind} is no path`, async () => {
      using slow = slowServer(kind === "now and then");
      const at = { kind: "tcp", host: "127.0.0.1", port: slow.port } as const;
      const { status, text } = await found(terminatedCheck, at);
      expect(status).toBe("unknown");
      expect(text).toContain("slow to answer");
    });
  }

  test("a direct path can't be told from one that ends beside the server", async () => {
    await using server = await serve("127.0.0.1:0", false);
    const { status } = await found(terminatedCheck, server.addresses[0]!);
    expect(status).toBe("unknown");
  });
});

/** Takes 20 ms for each read and for the FIN, or looks for both every 20 ms. */
function slowServer(polls: boolean): { port: number } & Disposable {
  let free = 0;
  /** When what comes now is done. */
  const due = () => {
    const now = performance.now();
    if (!polls) free = Math.max(free, now) + 20;
    else if (free <= now) free = now + 20;
    return free - now;
  };
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: {
      data(socket, chunk) {
        const bytes = Buffer.from(chunk);
        setTimeout(() => socket.write(bytes), due());
      },
      end(socket) {
        setTimeout(() => socket.end(), due());
      },
    },
  });
  return {
    port: listener.port,
    [Symbol.dispose]: () => listener.stop(true),
  };
}
