import type { Path } from "../../path.ts";

/** Milliseconds in which a reset arrives, if it does. */
export const WITHIN = 5000;

export const NO_RESET = [
  "a Unix socket has no reset",
  "the target's TCP address, or a server that listens on one, would show it",
] as const;

export const MEANS = {
  kept: "an application can tell a failure, ECONNRESET, from an end",
  finishToClient:
    "a server that crashed looks like one that is done: an answer without a " +
    "length or an end mark is taken for whole. Proxies of TCP usually do that " +
    "(HAProxy, nginx `stream`, socat)",
  truncated:
    "a client that checks for the end of TLS (close_notify) still sees a " +
    "failure; one that ignores it takes a cut answer for whole",
  finishToServer:
    "the server takes a client that gave up for one that is done, and may act " +
    "on half a request. Proxies of TCP usually do that (nginx `stream`, socat)",
  lost:
    "the other end keeps a connection that is dead, until its own keepalive or " +
    "idle timeout ends it: a firewall or a NAT that drops RSTs",
} as const;

/** Whether the server itself is reached by a Unix socket, behind a proxy. */
export async function servedOnUnix(path: Path): Promise<boolean> {
  await using asked = await path.ask({ ask: "kernel" });
  const { kernel } = asked.answer;
  return kernel !== null && kernel.ends.local === undefined;
}
