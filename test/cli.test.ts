import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { version } from "../package.json" with { type: "json" };
import { Program, redirected, run, sounder } from "./support/cli.ts";
import { temporaryFolder } from "./support/folder.ts";
import { swallows } from "./villains/mutes.ts";

/** What a mistake looks like: a line, and no stack trace. */
async function mistake(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(sounder(...args));
  expect(stderr).toMatch(/^sounder: .+\n$/);
  expect(stderr).not.toMatch(/^ +at /m);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  return stderr.slice("sounder: ".length, -1);
}

describe("a mistake in the command line gives 2 and a line that tells it", () => {
  const MISTAKES: [line: string, told: string][] = [
    ["sing", "unknown command 'sing'"],
    ["serve", "unknown command 'serve' (Did you mean server?)"],
    ["help serve", "unknown command 'serve' (Did you mean server?)"],
    ["--loud", "unknown option '--loud'"],
    ["client --loud", "unknown option '--loud'"],
    ["client --verfy", "unknown option '--verfy' (Did you mean --verify?)"],
    ["client --verify=yes", "unknown option '--verify=yes'"],
    [
      "client localhost 7",
      '"localhost 7" is not an address: a colon joins host and port',
    ],
    ["client --timeout", "option '--timeout <duration>' argument missing"],
    [
      "client --timeout 5",
      '--timeout: "5" is not a duration, such as 500ms, 10s or 1h30m',
    ],
    [
      "client --timeout=",
      '--timeout: "" is not a duration, such as 500ms, 10s or 1h30m',
    ],
    [
      "client --connect-timeout -1s",
      '--connect-timeout: "-1s" is not a duration, such as 500ms, 10s or 1h30m',
    ],
    [
      "client --retry-for soon",
      '--retry-for: "soon" is not a duration, such as 500ms, 10s or 1h30m',
    ],
    [
      "client 65536",
      '"65536" is not an address: "65536" is not a port from 0 to 65535',
    ],
    ["client 0", '"0" is not a target: nobody listens on port 0'],
    [
      "client localhost:http",
      '"localhost:http" is not an address: ' +
        '"http" is not a port from 0 to 65535',
    ],
    [
      "client http://localhost",
      '"http://localhost" is not an address: ' +
        '"http://" is not tcp://, tls:// or unix:',
    ],
    ["client [::1", '"[::1" is not an address: brackets hold an IPv6 address'],
    ["client unix:", '"unix:" is not an address: the path is missing'],
    ["client a/b", '"a/b" is not an address: "a/b" is not a host'],
    [
      "server 21567 99999",
      '"99999" is not an address: "99999" is not a port from 0 to 65535',
    ],
    [
      "server --reply loud",
      "option '--reply <what>' argument 'loud' is invalid. " +
        "Allowed choices are stamp, raw, info.",
    ],
    [
      "server --log xml",
      "option '--log <how>' argument 'xml' is invalid. " +
        "Allowed choices are text, json, off.",
    ],
    [
      "server --drain-timeout 1",
      '--drain-timeout: "1" is not a duration, such as 500ms, 10s or 1h30m',
    ],
    ["server --workers 1025", '--workers: "1025" is more than 1,024'],
    [
      "server --admin tls://127.0.0.1:0",
      "--admin: cannot serve admin pages on tls://127.0.0.1:0: they are plain " +
        "HTTP, on TCP or a Unix socket (EADDRESS)",
    ],
  ];

  test.each(MISTAKES)("sounder %s", async (line, told) => {
    expect(await mistake(line.split(" "))).toStartWith(told);
  });

  test("sounder client with an empty address", async () => {
    expect(await mistake(["client", ""])).toBe(
      '"" is not an address: there is neither host nor port (EADDRESS)',
    );
  });
});

test.each([
  ["an error that nobody caught", 'throw new Error("a fault")'],
  [
    "a promise that nobody awaited",
    'void Promise.reject(new Error("a fault"))',
  ],
])("sounder tells %s in a line, and gives 1", async (_, fault) => {
  await using folder = await temporaryFolder();
  const preload = folder.path("fault.ts");
  await Bun.write(preload, `setTimeout(() => { ${fault} }, 300);`);
  await using server = await swallows();
  const [bun, ...rest] = sounder("client", server.address);
  await using client = new Program([bun!, "--preload", preload, ...rest]);
  expect(await client.ended()).toBe(1);
  expect(client.said).toBe("sounder: our own code failed: a fault (EFAULT)\n");
});

test("sounder without a command shows the help, and gives 2", async () => {
  const { status, stdout, stderr } = await run(sounder());
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toStartWith("Usage: sounder [options] [command]\n");
});

describe("sounder shows on standard output, and gives 0", () => {
  test.each([
    ["--help", "Usage: sounder [options] [command]\n"],
    ["help", "Usage: sounder [options] [command]\n"],
    ["server --help", "Usage: sounder server [options] [address...]\n"],
    ["help server", "Usage: sounder server [options] [address...]\n"],
    ["client --help", "Usage: sounder client [options] [address]\n"],
  ])("its help at %s", async (line, usage) => {
    const { stdout, ...rest } = await run(sounder(...line.split(" ")));
    expect(rest).toEqual({ status: 0, stderr: "" });
    expect(stdout).toStartWith(usage);
    if (line !== "--help" && line !== "help") {
      expect(stdout).toContain(`Examples:\n  ${usage.slice(7, 21)}`);
    }
  });

  test.each(["server", "client", "load"])(
    "how an address is written, of %s",
    async (command) => {
      const { stdout } = await run(sounder(command, "--help"));
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(
        "HOST:PORT, HOST, :PORT, PORT, [V6]:PORT, tls://…, unix:PATH or unix:@NAME",
      );
    },
  );

  test.each(["--version", "-V"])("its version at %s", async (flag) => {
    expect(await run(sounder(flag))).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("its help to one who reads only the beginning", async () => {
    const command = sounder("--help");
    const { stdout, stderr } = await run([
      "sh",
      "-c",
      '"$@" | head -n 1',
      "sh",
      ...command,
    ]);
    expect({ stdout, stderr }).toEqual({
      stdout: "Usage: sounder [options] [command]\n",
      stderr: "",
    });
  });

  test("nothing, where standard output is closed", async () => {
    expect(await run(redirected(">&-", sounder("--help")))).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });
});

describe("bun run says nothing of its own", () => {
  const root = join(import.meta.dir, "..");
  const script = (...args: string[]) =>
    run([process.execPath, `--cwd=${root}`, "run", ...args]);

  test("when a script fails", async () => {
    const { stderr, ...rest } = await script("client", "unix:/nowhere");
    expect(rest).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(
      "sounder: cannot connect to unix:/nowhere: no such file (ENOENT)\n",
    );
  });

  test("when a script is mistaken", async () => {
    expect(await script("load", "--nonsense")).toEqual({
      status: 2,
      stdout: "",
      stderr: "sounder: unknown option '--nonsense'\n",
    });
  });

  test("when a script works", async () => {
    const { stdout, ...rest } = await script("report", "--help");
    expect(rest).toEqual({ status: 0, stderr: "" });
    expect(stdout).toStartWith("Usage: sounder report");
  });
});
