import type { Subject } from "./subject.ts";

/** A way into a server: what comes before a connection's own bytes. */
export interface Target {
  kind: "plain" | "tls" | "proxied";
  port: number;
}

/** A header of the PROXY protocol, version 1. */
export const PROXY = "PROXY TCP4 192.0.2.1 192.0.2.2 40000 21567\r\n";

/** The port of a destination address and one of a source make 28,000 pairs. */
const ADDRESSES = 9;
let dialled = 0;

export function targetsOf(direct: Subject, proxied: Subject): Target[] {
  const [plain, tls] = direct.ports;
  return [
    { kind: "plain", port: plain! },
    { kind: "tls", port: tls! },
    { kind: "proxied", port: proxied.ports[0]! },
  ];
}

/**
 * Connects to one of the loopback addresses, in turn, since one alone runs out
 * of source ports; `open` is called where the connection's own bytes begin.
 */
export function dial(
  { kind, port }: Target,
  handlers: Bun.SocketHandler<undefined> & { open(socket: Bun.Socket): void },
): Promise<Bun.Socket> {
  const { open, ...others } = handlers;
  const hostname = `127.0.0.${1 + (dialled++ % ADDRESSES)}`;
  const common = { hostname, port, allowHalfOpen: true, data: undefined };
  if (kind === "tls") {
    return Bun.connect({
      ...common,
      tls: { rejectUnauthorized: false },
      socket: { ...others, handshake: open },
    });
  }
  return Bun.connect({
    ...common,
    socket: {
      ...others,
      open(socket) {
        if (kind === "proxied") socket.write(PROXY);
        open(socket);
      },
    },
  });
}
