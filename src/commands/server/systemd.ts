import type { Listenable } from "../../address/endpoint.ts";
import { SounderError } from "../../errors/errors.ts";
import { say } from "../shared/say.ts";

const FIRST_FD = 3;

/**
 * How many sockets systemd has given to this process: sd_listen_fds(3).
 * @throws SounderError `EACTIVATION` if they are another's, and so out of reach
 */
function countGiven(env: NodeJS.ProcessEnv): number {
  const { LISTEN_PID: owner, LISTEN_FDS: count = "0" } = env;
  if (owner === undefined || count === "0") return 0;
  const action = "cannot listen on the sockets that systemd gave";
  if (Number(owner) !== process.pid) {
    throw new SounderError(
      `${action}: they are process ${owner}'s (LISTEN_PID), and this is ` +
        `${process.pid}; start it directly or with exec, or name an address`,
      "EACTIVATION",
    );
  }
  if (!/^\d{1,4}$/.test(count)) {
    throw new SounderError(
      `${action}: LISTEN_FDS is "${count}", which is no count`,
      "EACTIVATION",
    );
  }
  return Number(count);
}

/**
 * The sockets that systemd listens on for us.
 * @param tls whether TLS is to be spoken on them
 * @throws SounderError `EACTIVATION`
 */
export function givenSockets(tls: boolean, env = process.env): Listenable[] {
  return Array.from({ length: countGiven(env) }, (_, n) => ({
    kind: "fd",
    fd: FIRST_FD + n,
    tls,
  }));
}

/** How many of the sockets that systemd gave to us are not to be used. */
export function unusedSockets(
  places: readonly Listenable[],
  env = process.env,
): number {
  if (Number(env["LISTEN_PID"]) !== process.pid) return 0;
  const end = FIRST_FD + (Number(env["LISTEN_FDS"]) || 0);
  const used = places.filter(
    (place) => place.kind === "fd" && place.fd >= FIRST_FD && place.fd < end,
  );
  return end - FIRST_FD - used.length;
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
