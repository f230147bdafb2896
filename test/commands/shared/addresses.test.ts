import { describe, expect, test } from "bun:test";

import { Program, run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";
import { noPython } from "../../support/python.ts";
import { foreignSocket } from "../../support/unix-socket.ts";

const failed = (status: number, why: string) => ({
  status,
  stdout: "",
  stderr: `sounder: ${why}\n`,
});

test.each([
  [
    "127.0.0.1 8007",
    '"127.0.0.1 8007" is not an address: ' +
      "a colon joins host and port, as 127.0.0.1:8007 (EADDRESS)",
  ],
  [
    "::1 8007",
    '"::1 8007" is not an address: ' +
      "a colon joins host and port, as [::1]:8007 (EADDRESS)",
  ],
  ["localhost nonsense", 'one address is enough: what is "nonsense"?'],
  ["1 2 3", 'one address is enough: what is "2"?'],
  [
    "udp://localhost",
    `"udp://localhost" can't be used yet: this version has no UDP (ENOTSUP)`,
  ],
  [
    "fd:3",
    '"fd:3" is not an address: ' +
      "a descriptor is for a server to listen on (EADDRESS)",
  ],
])("%p is a mistake to client and load", async (line, why) => {
  for (const command of ["client", "load"]) {
    const { status, stdout, stderr } = await run(
      sounder(command, ...line.split(" ")),
    );
    expect({ status, stdout, stderr }).toEqual(failed(2, why));
  }
});

test.each([
  [["udp://:8007"], `"udp://:8007" can't be used yet`],
  [["--admin=udp://:8007"], `--admin: "udp://:8007" can't be used yet`],
])("sounder server %p is one, too", async (line, why) => {
  const reason = `${why}: this version has no UDP (ENOTSUP)`;
  expect(await run(sounder("server", ...line))).toEqual(failed(2, reason));
});

describe("a link-local address", () => {
  const commands = [
    ["client", "cannot connect to"],
    ["load", "cannot connect to"],
    ["server", "cannot listen on"],
    ["server 127.0.0.1:0 --admin", "cannot serve admin pages on"],
  ] as const;

  test.each(commands)("of no interface is refused by %s", async (line, act) => {
    const command = sounder(...line.split(" "), "[fe80::1%none]:7");
    const { status, stdout, stderr } = await run(command);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(
      `sounder: ${act} [fe80::1%none]:7: ` +
        'this machine has no interface "none" with an IPv6 address (ENODEV)\n',
    );
  });

  test.each(commands)("wants an interface, says %s", async (line, act) => {
    const command = sounder(...line.split(" "), "[fe80::1]:7");
    const { status, stdout, stderr } = await run(command);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(
        String.raw`sounder: ${act} \[fe80::1\]:7: a link-local address ` +
          String.raw`wants its interface, as fe80::1%\S+ \(EINVAL\)\n`,
      ),
    );
  });
});

test("a file in a folder that is not there can't be written", async () => {
  const flags = ["--json", "--html", "--hlog"];
  for (const flag of flags) {
    expect(await run(sounder("load", "1", flag, "/none/x"))).toEqual(
      failed(1, "cannot write /none/x: no such folder (ENOENT)"),
    );
  }
});

const socat = peerProgram("socat");
const noAbstract = process.platform !== "linux";
let names = 0;
/** A name that is nobody's yet. */
const abstract = () => `@sounder test ${process.pid} ${(names += 1)}`;

describe.skipIf(noAbstract)("an abstract Unix socket", () => {
  async function serving(name: string, ...flags: string[]) {
    const server = new Program(
      sounder("server", `unix:${name}`, "--reply=raw", ...flags),
    );
    await server.says(/Listening on/);
    return server;
  }

  test("is served, and leaves no file", async () => {
    await using folder = await temporaryFolder();
    const name = abstract();
    await using server = new Program([
      "sh",
      "-c",
      'cd "$1"; shift; exec "$@"',
      "sh",
      folder.path(""),
      ...sounder("server", `unix:${name}`, "--reply=raw"),
    ]);
    await server.says(/Listening on/);
    expect(server.said).toStartWith(`Listening on unix:${name}; answers`);
    const verified = await run(
      sounder("client", `unix:${name}`, "--verify"),
      "hello",
    );
    expect(verified.stdout).toStartWith("verified 5 bytes");
    const load = await run(
      sounder("load", `unix:${name}`, "-n100", "-c2", "--json=-"),
    );
    expect(JSON.parse(load.stdout)).toMatchObject({
      target: `unix:${name}`,
      verdict: "pass",
    });
    const traced = await run(
      sounder("client", `unix:${name}`, "--trace"),
      "hello",
    );
    expect(traced.stderr).toContain(`connect   → unix:${name}\n`);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(Array.from(new Bun.Glob("**").scanSync(folder.path("")))).toEqual(
      [],
    );
  });

  test.skipIf(socat === undefined)("is served to socat", async () => {
    const name = abstract();
    await using _server = await serving(name);
    const peer = [socat!, "-", `ABSTRACT-CONNECT:${name.slice(1)}`];
    expect(await run(peer, "hello")).toMatchObject({ stdout: "hello" });
  });

  test("is another's as long as that one lives", async () => {
    const name = abstract();
    await using server = await serving(name);
    const second = sounder("server", `unix:${name}`);
    const taken = `cannot listen on unix:${name}: the address is in use (EADDRINUSE)`;
    expect(await run(second)).toEqual(failed(1, taken));
    server.child.kill("SIGKILL");
    await server.ended();
    await using _again = await serving(name);
  });

  test("has admin pages", async () => {
    const [name, admin] = [abstract(), abstract()];
    await using server = await serving(name, `--admin=unix:${admin}`);
    await server.says(new RegExp(`admin pages at unix:${admin}\n`));
    const response = await fetch("http://localhost/healthz", {
      unix: `\0${admin.slice(1)}`,
    });
    expect(await response.text()).toContain("ok");
  });

  test("that nobody has is told by the client", async () => {
    const name = abstract();
    expect(await run(sounder("client", `unix:${name}`))).toEqual(
      failed(
        1,
        `cannot connect to unix:${name}: nothing listens there (ECONNREFUSED)`,
      ),
    );
  });

  test.skipIf(noPython)("with a full queue is told, too", async () => {
    const name = abstract();
    await using _full = await foreignSocket(name, "full");
    expect(await run(sounder("client", `unix:${name}`))).toEqual(
      failed(1, `cannot connect to unix:${name}: its queue is full (EAGAIN)`),
    );
  });
});
