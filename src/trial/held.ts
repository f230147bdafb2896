import { readFileSync } from "node:fs";

/** 127.0.0.1 in the kernel's tables, of IPv6 sockets too: proc_pid_net(5). */
const TABLES = [
  ["/proc/net/tcp", "0100007F"],
  ["/proc/net/tcp6", "0000000000000000FFFF00000100007F"],
] as const;

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

function linesOf(table: string): string[] {
  try {
    return readFileSync(table, "latin1").split("\n");
  } catch {
    return [];
  }
}

/**
 * Whether a client's program still holds its socket, so that what happens to
 * the connection happens to it. One of another network namespace counts as held,
 * and so does any where there are no such tables.
 * @param client its port on 127.0.0.1
 * @param server the port that it is connected to there
 */
export function isHeld(client: number, server: number): boolean {
  for (const [table, host] of TABLES) {
    const ends = ` ${host}:${hex(client)} ${host}:${hex(server)} `;
    const line = linesOf(table).find((one) => one.includes(ends));
    // A socket that was closed has no inode any more.
    if (line !== undefined) return line.trim().split(/\s+/)[9] !== "0";
  }
  return true;
}
