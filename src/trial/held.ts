import { readFileSync } from "node:fs";

/** 127.0.0.1, as /proc/net/tcp has it: proc_pid_net(5). */
const LOOPBACK = "0100007F";

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/**
 * Whether a client's program still holds its socket, so that what happens to
 * the connection happens to it. One of another network namespace counts as held,
 * and so does any where there is no such file.
 * @param client its port on 127.0.0.1
 * @param server the port that it is connected to there
 */
export function isHeld(client: number, server: number): boolean {
  let table: string;
  try {
    table = readFileSync("/proc/net/tcp", "latin1");
  } catch {
    return true;
  }
  const ends = ` ${LOOPBACK}:${hex(client)} ${LOOPBACK}:${hex(server)} `;
  const line = table.split("\n").find((one) => one.includes(ends));
  // A socket that was closed has no inode any more.
  return line?.trim().split(/\s+/)[9] !== "0";
}
