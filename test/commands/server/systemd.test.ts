import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { givenSockets } from "../../../src/commands/server/systemd.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { freePort } from "../../support/free-port.ts";
import { peerProgram } from "../../support/peer.ts";
import { noPython, peer } from "../../support/python.ts";

const activate = peerProgram("systemd-socket-activate");
const notify = peerProgram("systemd-notify");

const own = String(process.pid);

describe("givenSockets()", () => {
  test.each([
    [{}, []],
    [{ LISTEN_PID: own, LISTEN_FDS: "0" }, []],
    [{ LISTEN_PID: own, LISTEN_FDS: "2" }, [3, 4]],
    [{ LISTEN_PID: own }, []],
    [{ LISTEN_PID: "1" }, []],
    [{ LISTEN_PID: "1", LISTEN_FDS: "0" }, []],
    [{ LISTEN_FDS: "2" }, []],
  ])("givenSockets() of %j", (env, fds) => {
    for (const tls of [false, true]) {
      expect(givenSockets(tls, env)).toEqual(
        fds.map((fd) => ({ kind: "fd", fd, tls })),
      );
    }
  });
});

describe("sockets that systemd did not give to this process", () => {
  test.each([
    [{ LISTEN_PID: "1", LISTEN_FDS: "2" }, "they are process 1's"],
    [{ LISTEN_PID: "none", LISTEN_FDS: "2" }, "they are process none's"],
    [{ LISTEN_PID: own, LISTEN_FDS: "-1" }, 'LISTEN_FDS is "-1"'],
    [{ LISTEN_PID: own, LISTEN_FDS: "two" }, 'LISTEN_FDS is "two"'],
  ])("givenSockets() of %j is refused", (env, why) => {
    expect(() => givenSockets(false, env)).toThrow(
      expect.objectContaining({
        code: "EACTIVATION",
        summary: expect.stringContaining(why),
      }),
    );
  });

  test("have sounder server end, unless it has an address", async () => {
    const env = { LISTEN_PID: "1", LISTEN_FDS: "1" };
    await using lost = new Program(sounder("server"), env);
    expect(await lost.ended()).toBe(1);
    expect(lost.said).toBe(
      "sounder: cannot listen on the sockets that systemd gave: they are " +
        `process 1's (LISTEN_PID), and this is ${lost.child.pid}; start it ` +
        "directly or with exec, or name an address (EACTIVATION)\n",
    );
    await using server = new Program(sounder("server", "127.0.0.1:0"), env);
    await server.says(/Listening on/);
  });

  test.skipIf(activate === undefined)("since a shell has them", async () => {
    const address = `127.0.0.1:${freePort()}`;
    const script = '"$@"; echo "status $?" >&2';
    await using shell = new Program([
      activate!,
      `--listen=${address}`,
      "sh",
      "-c",
      script,
      "sh",
      ...sounder("server", "--reply=raw"),
    ]);
    await shell.says(/Listening on/);
    await using _knock = await connect(address);
    await shell.says(/they are process \d+'s .*\(EACTIVATION\)\nstatus 1\n/);
  });
});

/** systemd's stand-in, which starts a server at the first connection. */
function activated(addresses: string[], ...flags: string[]): Program {
  const listen = addresses.map((address) => `--listen=${address}`);
  const server = sounder("server", "--reply=raw", ...flags);
  return new Program([activate!, ...listen, ...server]);
}

describe.skipIf(activate === undefined)("socket activation", () => {
  test("has a server serve all the sockets that it is given", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("an echo.sock");
    const ports = [`127.0.0.1:${freePort()}`, `127.0.0.1:${freePort()}`];
    await using server = activated([...ports, path]);
    await server.says(/Listening on/);
    const addresses = [...ports, `unix:${path}`];
    for (const address of addresses) {
      await using connection = await connect(address);
      await expectEcho(connection, "hello");
    }
    for (const address of addresses) {
      expect(server.said).toContain(`Listening on ${address}; answers`);
    }
  });

  test("has a server serve an abstract socket by its name", async () => {
    const name = `unix:@sounder systemd ${process.pid}`;
    await using server = activated([name.slice("unix:".length)]);
    await server.says(/Listening on/);
    await using connection = await connect(name);
    await expectEcho(connection, "hello");
    expect(server.said).toContain(`Listening on ${name}; answers`);
  });

  test("is told where an address is preferred to it", async () => {
    const address = `127.0.0.1:${freePort()}`;
    await using server = activated([address], "127.0.0.1:0");
    await server.says(/Listening on/);
    await using _knock = await connect(address);
    await server.says(/1 socket of systemd's not used: addresses were given/);
  });

  test("is refused where workers could not share it", async () => {
    const address = `127.0.0.1:${freePort()}`;
    await using server = activated([address], "--workers=2");
    await server.says(/Listening on/);
    const knock = await connect(address);
    expect(await server.ended()).toBe(2);
    await knock[Symbol.asyncDispose]();
    expect(server.said).toContain(
      "sounder: --workers can't share fd:3: only TCP ports can be shared\n",
    );
  });

  test.skipIf(noOpenssl)(
    "speaks TLS where there is a certificate",
    async () => {
      await using made = await certificates();
      await using folder = await temporaryFolder();
      const [cert, key] = [folder.path("cert.pem"), folder.path("key.pem")];
      const use = async (name: string) => {
        await Bun.write(cert, Bun.file(made.pem(name)));
        await Bun.write(key, Bun.file(made.key(name)));
      };
      await use("server");
      const port = freePort();
      const address = `tls://127.0.0.1:${port}`;
      const flags = [`--tls-cert=${cert}`, `--tls-key=${key}`];
      await using server = activated([`127.0.0.1:${port}`], ...flags);
      await server.says(/Listening on/);
      await using old = await connect(address, { tls: { ca: made.ca } });
      await expectEcho(old, "hello");
      expect(server.said).toContain(`Listening on ${address}; answers`);

      await use("stranger");
      server.child.kill("SIGHUP");
      const [, fingerprint] = await server.says(/read again: SHA-256 (\S+)\n/);
      await using next = await connect(address, { tls: { fingerprint } });
      await expectEcho(next, "hello");
      await expectEcho(old, "still here");
    },
  );

  test("refuses nobody while a server is replaced", async () => {
    // Each server is the next of a holder of the socket, as of systemd.
    const [first, ...more] = [freePort()];
    expect(more).toBeEmpty();
    const script = `
      trap 'kill $child; wait $child; status=$?' USR1
      while :; do
        LISTEN_FDS=1 sh -c 'LISTEN_PID=$$ exec "$@"' sh "$@" & child=$!
        wait $child; while kill -0 $child 2>/dev/null; do wait $child; done
        echo "replaced, status $status" >&2
      done`;
    const served = sounder("server", "--reply=raw", "--drain-timeout=30s");
    await using holder = new Program([
      activate!,
      `--listen=127.0.0.1:${first}`,
      "sh",
      "-c",
      script,
      "sh",
      ...served,
    ]);
    await holder.says(/Listening on/);
    const address = `127.0.0.1:${first}`;
    {
      await using connection = await connect(address);
      await expectEcho(connection, "hello");
    }
    await using load = new Program(
      sounder("load", address, "-c8", "-d4s", "--warmup=0s", "--json=-"),
    );
    const output = load.child.stdout.text();
    await holder.says(/connected/);
    for (let round = 1; round <= 2; round += 1) {
      const connected = holder.said.match(/connected/g)!.length;
      await holder.says(new RegExp(`(connected[^]*){${connected + 1}}`));
      holder.child.kill("SIGUSR1");
      await holder.says(new RegExp(`(replaced, status 0[^]*){${round}}`));
    }
    const result = JSON.parse(await output);
    expect(result).toMatchObject({
      bytes: { mismatched: 0 },
      messages: { unanswered: 0 },
    });
    expect(result.errors).not.toHaveProperty("ECONNREFUSED");
  }, 60_000);
});

describe("NOTIFY_SOCKET", () => {
  test.skipIf(noPython || notify === undefined)(
    "NOTIFY_SOCKET hears of the start and the stop",
    async () => {
      await using folder = await temporaryFolder();
      const path = folder.path("notify.sock");
      await using systemd = new Program(peer("notified", path));
      await systemd.says(/ready/);
      await using server = new Program(sounder("server", "127.0.0.1:0"), {
        NOTIFY_SOCKET: path,
      });
      await systemd.says(/^READY=1$/m);
      expect(systemd.said).not.toContain("STOPPING=1");
      server.child.kill("SIGTERM");
      await systemd.says(/^STOPPING=1$/m);
      expect(await server.ended()).toBe(0);
    },
  );

  test("NOTIFY_SOCKET does not matter where systemd is not", async () => {
    await using folder = await temporaryFolder();
    await using server = new Program(
      sounder("server", "127.0.0.1:0", "--reply=raw"),
      { NOTIFY_SOCKET: "/run/none", PATH: folder.path("") },
    );
    const [, address] = await server.says(/Listening on (\S+);/);
    await server.says(/cannot tell systemd: .*\n/);
    await using connection = await connect(address!);
    await expectEcho(connection, "hello");
  });
});

test("--drain-delay is not ready at once, and serves on meanwhile", async () => {
  const flags = ["--reply=raw", "--admin=127.0.0.1:0", "--drain-delay=1500ms"];
  await using server = new Program(sounder("server", "127.0.0.1:0", ...flags));
  const [, address] = await server.says(/Listening on (\S+);/);
  const [, admin] = await server.says(/admin pages at (\S+)\//);
  const readiness = async () => (await fetch(`${admin}/readyz`)).status;
  expect(await readiness()).toBe(200);
  const since = performance.now();
  server.child.kill("SIGTERM");
  await server.says(/not ready/);
  expect(await readiness()).toBe(503);
  {
    await using late = await connect(address!);
    await expectEcho(late, "hello");
  }
  expect(await server.ended()).toBe(0);
  expect(performance.now() - since).toBeGreaterThanOrEqual(1500);
  expect(await run(sounder("client", address!))).toMatchObject({ status: 1 });
});
