import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { freePort } from "../../support/free-port.ts";
import { peerProgram } from "../../support/peer.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";
import { formatEndpoint } from "../../../src/address/endpoint.ts";

const curl = peerProgram("curl");
const ncat = peerProgram("ncat");
const socat = peerProgram("socat");

/** A proxy as a process of its own, before an echo in this one. */
async function started(...flags: string[]) {
  const server = await serving();
  const target = formatEndpoint(server.endpoint);
  const proxy = new Program(sounder("proxy", "127.0.0.1:0", target, ...flags));
  const [, address] = await proxy.says(/istening on ([\d.:]+)/);
  return {
    target,
    proxy,
    address: address!,
    port: address!.split(":")[1]!,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("sounder proxy", () => {
  test("passes on, tells who comes and goes, and stops at a signal", async () => {
    await using it = await started();
    {
      await using connection = await connect(it.address);
      await expectEcho(connection, "hello");
      connection.finish();
      await connection.closed;
    }
    await it.proxy.says(
      /#1 127\.0\.0\.1:\d+ closed after .+: 5 B in, 5 B out; the client finished first \(client-FIN\)\n/,
    );
    expect(it.proxy.said).toMatch(
      /^\d\d:\d\d:\d\d listening on 127\.0\.0\.1:\d+, passing on to 127\.0\.0\.1:\d+; no faults\. Ctrl-C stops\.\n/,
    );
    it.proxy.child.kill("SIGINT");
    expect(await it.proxy.ended()).toBe(0);
    expect(it.proxy.said).toEndWith(
      "Stopping: no new connections. Again to stop at once.\nStopped.\n",
    );
  });

  test("a second signal stops at once", async () => {
    await using it = await started();
    await using connection = await connect(it.address);
    await expectEcho(connection, "hello");
    it.proxy.child.kill("SIGTERM");
    await it.proxy.says(/Stopping/);
    await Bun.sleep(300);
    it.proxy.child.kill("SIGTERM");
    expect(await it.proxy.ended()).toBe(0);
    expect(it.proxy.said).toEndWith("Stopped; 1 had to be reset.\n");
  });

  test.skipIf(ncat === undefined)("tells what acts where", async () => {
    await using it = await started(
      "--fault",
      "finish after 3",
      "--log",
      "json",
    );
    const { stdout } = await run([ncat!, "127.0.0.1", it.port], "hello");
    expect(stdout).toBe("hel");
    await it.proxy.says(/"event":"closed".*\n/);
    const lines = it.proxy.said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { event: "listening", target: it.target, faults: "finish after 3" },
      { event: "connected", id: 1 },
      { event: "fault", id: 1, fault: "finish after 3", offset: 3 },
      { event: "closed", id: 1, bytesIn: 5, bytesOut: 3, cause: "fault" },
    ]);
  });

  test.skipIf(socat === undefined)("socat's bytes come back", async () => {
    await using it = await started();
    const bytes = Buffer.alloc(5_000_000, "0123456789");
    const { stdout } = await run(
      [socat!, "-t", "10", "-", `TCP:127.0.0.1:${it.port}`],
      bytes,
    );
    expect(stdout === bytes.toString()).toBe(true);
  });

  test.skipIf(noPython || process.platform !== "linux")(
    "backlog-full keeps it going, and who connects waiting",
    async () => {
      await using it = await started("--fault", "backlog-full");
      const connects = peer("connects", "127.0.0.1", it.port, "1", "0.4");
      expect((await run(connects)).stdout).toBe("timeout\n");
      it.proxy.child.kill("SIGINT");
      expect(await it.proxy.ended()).toBe(0);
    },
  );

  test.skipIf(noPython)(
    "--tls-fault-ca: who trusts it finds nothing wrong but the fault",
    async () => {
      await using folder = await temporaryFolder();
      const ca = folder.path("ca.pem");
      await using server = await serving();
      const target = formatEndpoint(server.endpoint);
      const flags = ["--tls-fault-ca", ca];
      flags.push("--fault", "tls-expired on every 2nd");
      await using proxy = new Program(
        sounder("proxy", "tls://127.0.0.1:0", target, ...flags),
      );
      const [, port] = await proxy.says(/istening on tls:\S+:(\d+),/);
      const verdicts: string[] = [];
      for (let n = 1; n <= 2; n++) {
        const { stdout } = await run(
          peer("tls_verdict", port!, "localhost", ca),
        );
        verdicts.push(stdout.trim());
      }
      expect(verdicts).toEqual(["good", "certificate has expired"]);
    },
  );

  test("--tls-fault-ca wants TLS", async () => {
    const { status, stderr } = await run(
      sounder("proxy", "127.0.0.1:0", "127.0.0.1:9", "--tls-fault-ca", "ca"),
    );
    expect(stderr).toBe(
      "sounder: --tls-fault-ca wants an address to listen on that begins with tls://\n",
    );
    expect(status).toBe(2);
  });

  test("a target that does not answer is told", async () => {
    const port = freePort();
    await using proxy = new Program(
      sounder("proxy", "127.0.0.1:0", `127.0.0.1:${port}`),
    );
    const [, address] = await proxy.says(/istening on ([\d.:]+)/);
    await using connection = await connect(address!);
    expect(connection.read()).rejects.toThrow(/ECONNRESET/);
    await proxy.says(
      new RegExp(
        `reset, as there is no target \\(unreachable\\): cannot connect to 127.0.0.1:${port}: .*\\(ECONNREFUSED\\)\n`,
      ),
    );
  });

  test.skipIf(curl === undefined)("changes its faults over HTTP", async () => {
    await using it = await started("--admin", "127.0.0.1:0");
    const [, pages] = await it.proxy.says(/admin pages at (\S+)\//);
    const ask = async (...args: string[]) =>
      (await run([curl!, "-s", ...args])).stdout;
    await using connection = await connect(it.address);
    await expectEcho(connection, "hello");
    expect(await ask(`${pages}/faults`)).toBe("[]\n");
    const change = (list: string) =>
      ask("-X", "PUT", "-d", list, `${pages}/faults`);
    expect(await change('["reset after 3"]')).toBe('["reset after 3"]\n');
    expect(await change('["rate 0"]')).toContain("a size of 0 makes no fault");
    expect(await ask(`${pages}/faults`)).toBe('["reset after 3"]\n');
    await connection.write(Buffer.from("hello"));
    expect(String(await connection.read())).toBe("hel");
    expect(connection.read()).rejects.toThrow(/ECONNRESET/);
    expect(await ask(`${pages}/healthz`)).toBe("ok\n");
    expect(await ask(`${pages}/readyz`)).toBe("ready\n");
    expect(await ask(`${pages}/metrics`)).toContain(
      'sounder_connections_closed_total{cause="target-RST"}',
    );
    await it.proxy.says(/faults: reset after 3\n/);
  });

  test.skipIf(curl === undefined)(
    "wants its token, if it has one",
    async () => {
      await using folder = await temporaryFolder();
      await Bun.write(folder.path("token"), "secret\n");
      await using it = await started(
        "--admin",
        "127.0.0.1:0",
        "--admin-token",
        folder.path("token"),
      );
      const [, pages] = await it.proxy.says(/admin pages at (\S+)\//);
      const put = ["-s", "-X", "PUT", "-d", "[]", `${pages}/faults`];
      const refused = await run([curl!, ...put]);
      expect(refused.stdout).toContain("Bearer");
      const header = "Authorization: Bearer secret";
      expect((await run([curl!, "-H", header, ...put])).stdout).toBe("[]\n");
    },
  );
});

describe("sounder proxy refuses", () => {
  const here = "127.0.0.1:0";
  test.each([
    [[here, "1", "--fault", "boo"], '"boo" is no action'],
    [[here, "1", "--fault", "dealy 5ms"], "did you mean delay?"],
    [[here, "1", "--fault", "rate 0"], "a size of 0 makes no fault"],
    [
      [here, "1", "--fault", "rate 1", "--fault", "rate 2"],
      "there can be only one rate toward one side",
    ],
    [[here, "1", "--fault", "tls-expired"], "begins with tls://"],
    [["unix:x", "1", "--fault", "backlog-full"], "wants a TCP address"],
    [[here], "missing required argument 'target'"],
    [[here, "127.0.0.1:0"], "nobody listens on port 0"],
    [[here, "1", "2"], "too many arguments"],
    [[here, "1", "--tls-cert", "x"], "--tls-cert and --tls-key go together"],
    [[here, "1", "--tls-insecure"], "--tls-insecure wants an address"],
    [[here, "1", "--tls-target-cert", "x"], "--tls-target-key go together"],
    [[here, "1", "--proxy-protocol"], "--proxy-protocol wants --allow"],
    [[here, "1", "--admin-token", "x"], "--admin-token wants --admin"],
    [[here, "1", "--seed", "x"], '"x" is not a whole number'],
  ])("%j: a line, and status 2", async (args, words) => {
    const { status, stdout, stderr } = await run(sounder("proxy", ...args));
    expect(stderr).toContain(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([status, stdout]).toEqual([2, ""]);
  });
});
