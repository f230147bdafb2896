import { describe, expect, test } from "bun:test";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { startAdmin } from "../../src/admin/admin.ts";
import { connect } from "../../src/client/connect.ts";
import { startServer } from "../../src/server/server.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { noProc } from "../support/child.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { FakeSource } from "../support/fake-source.ts";
import { temporaryFolder } from "../support/folder.ts";
import { noPython } from "../support/python.ts";
import { statusOf } from "../support/status.ts";
import {
  foreignSocket,
  inodeOf,
  killedServer,
} from "../support/unix-socket.ts";

/** What has a Unix socket of its own: the echo, and the admin pages. */
const kinds = {
  server: (address: string) =>
    startServer({ addresses: [address], reply: "raw" }),
  admin: (address: string) =>
    startAdmin({ address, source: new FakeSource(), version: "1.2.3" }),
};
type Kind = keyof typeof kinds;
const both: Kind[] = ["server", "admin"];

async function expectServed(kind: Kind, path: string): Promise<void> {
  if (kind === "admin") {
    const get = "GET /healthz HTTP/1.1\r\nHost: any";
    expect(await statusOf({ kind: "unix", path }, get)).toBe(200);
  } else {
    await using connection = await connect(`unix:${path}`);
    await expectEcho(connection, "hello");
  }
}

describe.skipIf(noPython || noProc)("a Unix socket that another has", () => {
  describe.each(["full", "datagram", "seqpacket", "bound"] as const)(
    "and that is %s",
    (state) => {
      test.each(both)("is left alone by the %s", async (kind) => {
        await using folder = await temporaryFolder();
        const path = folder.path("busy.sock");
        await using _foreign = await foreignSocket(path, state);
        const inode = inodeOf(path);
        await expect(kinds[kind](`unix:${path}`)).rejects.toMatchObject({
          code: "EADDRINUSE",
          message: expect.stringContaining("the address is in use"),
        });
        expect(inodeOf(path)).toBe(inode!);
      });
    },
  );

  test("is replaced once it is gone", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("busy.sock");
    await using foreign = await foreignSocket(path, "full");
    foreign.child.kill("SIGKILL");
    await foreign.ended();
    await using _server = await kinds.server(`unix:${path}`);
    await expectServed("server", path);
  });

  test.each([
    ["full", "EAGAIN", "its queue is full"],
    ["datagram", "EPROTOTYPE", "it is a socket of another kind"],
    ["bound", "ECONNREFUSED", "nothing listens there"],
  ] as const)(
    "and that is %s is told by the client",
    async (state, code, why) => {
      await using folder = await temporaryFolder();
      const path = folder.path("busy.sock");
      await using _foreign = await foreignSocket(path, state);
      for (const command of ["client", "load"]) {
        expect(await run(sounder(command, `unix:${path}`))).toEqual({
          status: 1,
          stdout: "",
          stderr: `sounder: cannot connect to unix:${path}: ${why} (${code})\n`,
        });
      }
    },
  );
});

test("a file that is no Unix socket is told as such", async () => {
  await using folder = await temporaryFolder();
  const path = folder.path("precious.txt");
  await Bun.write(path, "precious");
  await expect(connect(`unix:${path}`)).rejects.toMatchObject({
    message: `cannot connect to unix:${path}: it is not a socket (ENOTSOCK)`,
  });
  for (const kind of both) {
    await expect(kinds[kind](`unix:${path}`)).rejects.toMatchObject({
      message: expect.stringContaining(
        `unix:${path}: a file is there that is no socket (EADDRINUSE)`,
      ),
    });
  }
  expect(await Bun.file(path).text()).toBe("precious");
});

describe("a Unix socket that was replaced", () => {
  test.each(both)("is its successor's when the %s stops", async (kind) => {
    await using folder = await temporaryFolder();
    const path = folder.path("u.sock");
    const first = await kinds[kind](`unix:${path}`);
    rmSync(path);
    await using _second = await kinds[kind](`unix:${path}`);
    const inode = inodeOf(path);
    await first.stop();
    expect(inodeOf(path)).toBe(inode!);
    await expectServed(kind, path);
  });

  test("leads no more to one that has stopped", async () => {
    await using folder = await temporaryFolder();
    const [path, other] = [folder.path("u.sock"), folder.path("other.sock")];
    const first = await kinds.server(`unix:${path}`);
    linkSync(path, other);
    rmSync(path);
    await using _second = await kinds.server(`unix:${path}`);
    await first.stop();
    await using late = await connect(`unix:${other}`);
    expect(await late.read()).toBeUndefined();
    expect(first.tally.connections.total).toBe(0);
  });

  test("survives that sounder server is told to stop", async () => {
    await using folder = await temporaryFolder();
    const [path, admin] = [folder.path("u.sock"), folder.path("admin.sock")];
    const command = sounder("server", `unix:${path}`, `--admin=unix:${admin}`);
    await using first = new Program(command);
    await first.says(/admin pages/);
    rmSync(path);
    rmSync(admin);
    await using second = new Program(command);
    await second.says(/admin pages/);
    first.child.kill("SIGTERM");
    expect(await first.ended()).toBe(0);
    await expectServed("admin", admin);
    second.child.kill("SIGTERM");
    expect(await second.ended()).toBe(0);
    expect([inodeOf(path), inodeOf(admin)]).toEqual([undefined, undefined]);
  });
});

describe.skipIf(process.platform !== "linux")("an abstract name", () => {
  const questions: Record<Kind, [asked: string, answer: string]> = {
    server: ["hello", "hello"],
    admin: ["GET /healthz HTTP/1.1\r\nHost: any\r\n\r\n", "HTTP/1.1 200 "],
  };

  test.each([3, 105, 106, 107])("of %d bytes is served", async (length) => {
    const unique = crypto.randomUUID().replaceAll("-", "").repeat(4);
    for (const kind of both) {
      const path = `@${unique.slice(0, length)}`;
      const first = await kinds[kind](`unix:${path}`);
      await using connection = await connect(`unix:${path}`);
      const [asked, answer] = questions[kind];
      await connection.write(Buffer.from(asked));
      expect(String(await connection.read())).toStartWith(answer);
      connection.finish();
      await connection.closed;
      await expect(kinds[kind](`unix:${path}`)).rejects.toMatchObject({
        code: "EADDRINUSE",
      });
      await first.stop();
      await expect(connect(`unix:${path}`)).rejects.toThrow(
        "nothing listens there (ECONNREFUSED)",
      );
    }
  });
});

test.skipIf(noPython || process.platform !== "linux")(
  "an abstract name of 107 bytes is the one that others connect to",
  async () => {
    const name = crypto.randomUUID().repeat(3).slice(0, 107);
    await using _server = await kinds.server(`unix:@${name}`);
    const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(b"\\0" + sys.argv[1].encode())
s.sendall(b"hello")
print(s.recv(5).decode(), end="")`;
    const { stdout } = await run(["python3", "-c", script, name]);
    expect(stdout).toBe("hello");
  },
);

describe("what was put where a Unix socket was", () => {
  const others = {
    "a file": (path: string) => writeFileSync(path, "keep"),
    "a link": (path: string) => symlinkSync("moved.sock", path),
    "a link to nothing": (path: string) => symlinkSync("nothing", path),
    "a folder": (path: string) => mkdirSync(path),
    "a pipe": (path: string) => Bun.spawnSync(["mkfifo", path]),
  };
  const names = Object.keys(others) as (keyof typeof others)[];

  test.each(both.flatMap((kind) => names.map((name) => [kind, name] as const)))(
    "is left there when the %s stops: %s",
    async (kind, name) => {
      await using folder = await temporaryFolder();
      const path = folder.path("u.sock");
      const server = await kinds[kind](`unix:${path}`);
      renameSync(path, folder.path("moved.sock"));
      others[name](path);
      const inode = inodeOf(path);
      expect(inode).toBeDefined();
      await server.stop();
      expect(inodeOf(path)).toBe(inode!);
    },
  );

  test("is left there when sounder server is told to stop", async () => {
    await using folder = await temporaryFolder();
    const paths = [folder.path("u.sock"), folder.path("admin.sock")] as const;
    const [path, admin] = paths;
    await using server = new Program(
      sounder("server", `unix:${path}`, `--admin=unix:${admin}`),
    );
    await server.says(/admin pages/);
    for (const one of paths) {
      renameSync(one, `${one}.moved`);
      writeFileSync(one, "keep");
    }
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    for (const one of paths) expect(readFileSync(one, "utf8")).toBe("keep");
  });
});

describe("two that start at once on a dead server's socket", () => {
  const STARTERS = 4;
  const source = join(import.meta.dir, "../../src/server/server.ts");
  const script = `
    const { startServer } = await import(${JSON.stringify(source)});
    console.error("ready");
    await Bun.stdin.text();
    try {
      await startServer({ addresses: [process.argv[1]] });
      console.error("started");
    } catch (error) {
      console.error(error.code);
      process.exit();
    }`;

  test("do not both have it", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("u.sock");
    for (let round = 0; round < 5; round += 1) {
      killedServer(path);
      await using stack = new AsyncDisposableStack();
      const starters = Array.from({ length: STARTERS }, () =>
        stack.use(
          new Program([process.execPath, "-e", script, `unix:${path}`]),
        ),
      );
      for (const starter of starters) await starter.says(/ready/);
      for (const { child } of starters) void child.stdin.end();
      const told = await Promise.all(
        starters.map(async (one) => (await one.says(/ready\n(\w+)\n/))[1]),
      );
      expect(told.toSorted()).toEqual([
        ...Array.from({ length: STARTERS - 1 }, () => "EADDRINUSE"),
        "started",
      ]);
      await expect(connect(`unix:${path}`)).resolves.toBeDefined();
    }
  }, 60_000);
});
