import { readFileSync } from "node:fs";

import { parseIp } from "../address/ip.ts";
import type { TcpState } from "./tcp-info.ts";

/** /proc/net/tcp's states: include/net/tcp_states.h. */
const STATES: Readonly<Record<string, TcpState>> = {
  "01": "ESTABLISHED",
  "02": "SYN-SENT",
  "03": "SYN-RECEIVED",
  "04": "FIN-WAIT-1",
  "05": "FIN-WAIT-2",
  "06": "TIME-WAIT",
  "07": "CLOSED",
  "08": "CLOSE-WAIT",
  "09": "LAST-ACK",
  "0A": "LISTEN",
  "0B": "CLOSING",
};

/**
 * The state of a connection that has no descriptor any more, such as
 * TIME-WAIT, in the kernel's table; proc(5). It needs no privilege.
 * @returns `CLOSED` where it is not there; undefined where there is no table
 */
export function tcpStateOf(
  local: { address: string; port: number },
  remote: { address: string; port: number },
): TcpState | undefined {
  const ends = [...endsOf(local)].flatMap((one) =>
    [...endsOf(remote)].map((other) => `${one} ${other}`),
  );
  try {
    for (const table of ["tcp", "tcp6"]) {
      const text = readFileSync(`/proc/net/${table}`, "utf8");
      for (const line of text.split("\n")) {
        const [, one, other, state = ""] = line.trim().split(/ +/);
        if (ends.includes(`${one} ${other}`)) return STATES[state];
      }
    }
    return "CLOSED";
  } catch {
    return undefined;
  }
}

/** An end as the tables have it: an IPv4 one of a dual-stack socket as IPv6. */
function* endsOf({ address, port }: { address: string; port: number }) {
  const ip = parseIp(address.replace(/^::ffff:/, ""));
  if (ip === undefined) return;
  const at = port.toString(16).toUpperCase().padStart(4, "0");
  yield `${words(ip)}:${at}`;
  if (ip.length !== 4) return;
  const mapped = Buffer.concat([Buffer.alloc(10), Buffer.of(255, 255), ip]);
  yield `${words(mapped)}:${at}`;
}

/** In words of 32 bits, in the byte order of little-endian machines. */
function words(ip: Buffer): string {
  const copy = Buffer.from(ip);
  return copy.swap32().toString("hex").toUpperCase();
}
