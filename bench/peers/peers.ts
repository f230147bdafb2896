import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dir;
const cli = join(here, "../../src/cli.ts");

/** An echo server to measure. */
export interface Peer {
  name: string;
  /** Its command, for a port that it may choose itself and print. */
  command(port: number): string[];
  /** Whether it prints the port it chose. */
  printsPort?: true;
}

function bun(file: string): Peer["command"] {
  return () => [process.execPath, join(here, file)];
}

function ours(reply: "raw" | "stamp"): Peer["command"] {
  const flags = ["--reply", reply, "--log", "off"];
  return (port) => [
    process.execPath,
    cli,
    "server",
    `127.0.0.1:${port}`,
    ...flags,
  ];
}

/** Undefined where there is no compiler. */
function epollEcho(): Peer | undefined {
  const compiler = ["cc", "gcc", "clang"].find((name) => Bun.which(name));
  if (compiler === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "sounder-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const binary = join(folder, "epoll_echo");
  const source = join(here, "epoll_echo.c");
  const built = spawnSync(compiler, ["-O2", "-o", binary, source]);
  if (built.status !== 0) return undefined;
  return { name: "C, epoll", command: () => [binary], printsPort: true };
}

function installed(program: string, peer: Peer): Peer | undefined {
  return Bun.which(program) === null ? undefined : peer;
}

/** Those that this machine can run; the first is the one others are held to. */
export function peers(): Peer[] {
  const all: (Peer | undefined)[] = [
    { name: "Sounder, raw", command: ours("raw") },
    { name: "Sounder, stamp", command: ours("stamp") },
    { name: "bare Bun.listen", command: bun("bare.ts"), printsPort: true },
    { name: "node:net on Bun", command: bun("node-net.mjs"), printsPort: true },
    installed("node", {
      name: "node:net on Node",
      command: () => ["node", join(here, "node-net.mjs")],
      printsPort: true,
    }),
    epollEcho(),
    installed("python3", {
      name: "Python, threads",
      command: () => ["python3", join(here, "threaded.py")],
      printsPort: true,
    }),
    installed("socat", {
      name: "socat, forking",
      command: (port) => [
        "socat",
        `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,nodelay,backlog=512`,
        "PIPE",
      ],
    }),
    installed("ncat", {
      name: "ncat --exec cat",
      command: (port) =>
        ["ncat", "-lk", "-m", "1000", "-e", "/bin/cat", "127.0.0.1"].concat(
          String(port),
        ),
    }),
  ];
  return all.filter((peer) => peer !== undefined);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = { data() {} };
    (await Bun.connect({ hostname: "127.0.0.1", port, socket })).end();
    return true;
  } catch {
    return false;
  }
}

/**
 * A running peer. Servers share one core, away from the generator's.
 * @throws Error if it does not start
 */
export async function start(
  peer: Peer,
  pin: readonly string[],
): Promise<{ port: number } & Disposable> {
  const wanted = await freePort();
  const child = Bun.spawn([...pin, ...peer.command(wanted)], {
    stdout: "pipe",
    stderr: "ignore",
    // A group of its own, since some of them fork for each connection.
    detached: true,
  });
  const kill = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
  };
  process.once("exit", kill);
  const port = peer.printsPort
    ? Number(
        new TextDecoder().decode((await child.stdout.getReader().read()).value),
      )
    : wanted;
  const deadline = performance.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${peer.name} does not start`);
    }
    await Bun.sleep(20);
  }
  return {
    port,
    [Symbol.dispose]() {
      process.off("exit", kill);
      kill();
    },
  };
}
