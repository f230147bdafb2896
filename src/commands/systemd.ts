import type { Listenable } from "../socket/endpoint.ts";
import { say } from "./say.ts";

const FIRST_FD = 3;

/**
 * The sockets that systemd listens on for us: sd_listen_fds(3). None if they
 * are meant for another process.
 * @param tls whether TLS is to be spoken on them
 */
export function givenSockets(tls: boolean, env = process.env): Listenable[] {
  if (Number(env["LISTEN_PID"]) !== process.pid) return [];
  const count = Number(env["LISTEN_FDS"] ?? 0);
  return Array.from({ length: count }, (_, n) => ({
    kind: "fd",
    fd: FIRST_FD + n,
    tls,
  }));
}

/**
 * Tells systemd how far we are: sd_notify(3). Bun has no datagram sockets of
 * the Unix kind; systemd's own tool, which is there when systemd is, sends it.
 */
export function notifySystemd(...state: string[]): void {
  if (!process.env["NOTIFY_SOCKET"]) return;
  const told = [`--pid=${process.pid}`, ...state];
  try {
    Bun.spawn(["systemd-notify", ...told], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch (error) {
    // Without the tool, or without a file left.
    say(`cannot tell systemd: ${(error as Error).message}`);
  }
}
