import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown } from "node:fs/promises";
import { dirname, join } from "node:path";

import { Program, run } from "./cli.ts";
import { temporaryFolder } from "./folder.ts";
import { peerProgram } from "./peer.ts";
import { until } from "./until.ts";

/** Servers of others, in folders of their own, on Unix sockets: no port is taken. */
export interface Service extends AsyncDisposable {
  /** Where it listens, as an address of ours. */
  address: string;
}

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** As who may not do anything: PostgreSQL refuses to run as root. */
function unprivileged(command: string[]): string[] {
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return isRoot ? ["setpriv", ...ids, ...command] : command;
}

async function folderOfNobody() {
  const folder = await temporaryFolder();
  await chmod(folder.path("."), 0o755);
  if (isRoot) await chown(folder.path("."), NOBODY, NOBODY);
  return folder;
}

async function started(
  folder: Awaited<ReturnType<typeof temporaryFolder>>,
  command: string[],
  socket: string,
): Promise<Service> {
  const program = new Program(unprivileged(command), {
    HOME: folder.path("."),
  });
  const dispose = async () => {
    await program[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  void program.child.stdout.text();
  try {
    await until(() => existsSync(socket), `${command[0]} listens`);
  } catch (error) {
    await dispose();
    throw new Error(program.said, { cause: error });
  }
  return { address: `unix:${socket}`, [Symbol.asyncDispose]: dispose };
}

/** Redis with a value of some kilobytes at `key`. */
export async function redis(): Promise<Service> {
  const folder = await folderOfNobody();
  const socket = folder.path("redis.sock");
  const options = ["--port", "0", "--save", "", "--dir", folder.path(".")];
  const service = await started(
    folder,
    ["redis-server", ...options, "--unixsocket", socket],
    socket,
  );
  const value = randomBytes(6000).toString("base64");
  const { stdout } = await run([
    "redis-cli",
    "-s",
    socket,
    "set",
    "key",
    value,
  ]);
  if (stdout !== "OK\n") throw new Error(`redis-cli set said ${stdout}`);
  return service;
}

const DEBIANS = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIANS) ? readdirSync(DEBIANS) : [];
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  if (newest !== undefined) return join(DEBIANS, newest, "bin");
  const found = peerProgram("postgres");
  return found && dirname(found);
}

/** PostgreSQL, whose user is `postgres`, and asks for no password. */
export async function postgres(programs: string): Promise<Service> {
  const folder = await folderOfNobody();
  const data = folder.path("data");
  const made = await run(
    unprivileged([
      join(programs, "initdb"),
      "-D",
      data,
      "--auth=trust",
      "--username=postgres",
      "--no-sync",
    ]),
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const socket = folder.path(".s.PGSQL.5432");
  const options = ["-D", data, "-k", folder.path("."), "-h", "", "-p", "5432"];
  return started(folder, [join(programs, "postgres"), ...options], socket);
}
