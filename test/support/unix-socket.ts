import { lstatSync } from "node:fs";

import { Program } from "./cli.ts";
import { peer } from "./python.ts";

/** A foreign program that has a Unix socket: see test/peers/unix_socket.py. */
export async function foreignSocket(
  path: string,
  kind: "full" | "datagram" | "seqpacket" | "bound",
): Promise<Program> {
  const program = new Program(peer("unix_socket", path, kind));
  await program.says(/ready/);
  return program;
}

/** Leaves the file of a server that was killed. */
export function killedServer(path: string): void {
  const script = `
    Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } });
    process.kill(process.pid, "SIGKILL");`;
  Bun.spawnSync([process.execPath, "-e", script]);
  if (inodeOf(path) === undefined) throw new Error(`${path} is not there`);
}

export function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}
