import { isIPv6 } from "node:net";

import { type Endpoint, formatEndpoint } from "../../../address/endpoint.ts";
import {
  type Connection,
  connectionHandlers,
  connectionOn,
} from "../../../client/connection.ts";
import { codeOf, Reason, whyOf } from "../../../errors/errors.ts";
import { dialler } from "../../../socket/dial/dial.ts";
import type { Wire, WireHandlers } from "../../../socket/wire.ts";
import { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";

/**
 * Why an address did not serve us:
 * - `refused`: an RST, or an ICMP error, to the SYN.
 * - `silent`: nothing came back.
 * - `unreachable`: this machine itself has no way there.
 * - `unanswered`: it connected, and did not send a line back.
 * - `failed`: anything else, such as a certificate.
 */
export type Failure =
  "refused" | "silent" | "unreachable" | "unanswered" | "failed";

/** One connection to one address; times are milliseconds. */
export interface Attempt {
  /** From the SYN until it stood; undefined where it never did. */
  ms?: number | undefined;
  /** The same as the kernel measured it; undefined where it does not tell. */
  rttMs?: number | undefined;
  /** SYNs that were sent again. */
  retransmits?: number | undefined;
  /** The handshake of TLS. */
  tlsMs?: number | undefined;
  tls?: string | undefined;
  /** A line and its echo. */
  answerMs?: number | undefined;
  failed?: { kind: Failure; error: string } | undefined;
}

const LINE = Buffer.from("sounder\n");

/** What connecting says where the machine has no route, or no such family. */
const NO_WAY: readonly (string | undefined)[] = [
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "ENETDOWN",
];

export function familyOf(address: Endpoint): "IPv4" | "IPv6" | "unix" {
  if (address.kind === "unix") return "unix";
  return isIPv6(address.host) ? "IPv6" : "IPv4";
}

/**
 * Connects to one address of the target, without a race, and has a line sent
 * back.
 * @param within milliseconds for the connection, and as many for the answer
 * @throws the reason of `path.stop`
 */
export async function attempt(
  path: Path,
  address: Endpoint,
  within: number,
): Promise<Attempt> {
  const dialling = new Dialling(path, address);
  let connection: Connection;
  try {
    connection = await dialling.connected(within);
  } catch (error) {
    path.stop.throwIfAborted();
    return {
      ...dialling.times,
      failed: { kind: kindOf(error), error: told(error) },
    };
  }
  await using conversation = new Conversation(
    connection,
    path.known.reply,
    path.stop,
  );
  try {
    const answerMs = await conversation.exchange(LINE, within);
    return { ...dialling.times, answerMs };
  } catch (error) {
    path.stop.throwIfAborted();
    const failed = { kind: "unanswered", error: told(error) } as const;
    return { ...dialling.times, failed };
  }
}

export function kindOf(error: unknown): Failure {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ETIMEDOUT") return "silent";
  return NO_WAY.includes(code) ? "unreachable" : "failed";
}

function told(error: unknown): string {
  return `${whyOf(error)} (${codeOf(error) ?? "EUNKNOWN"})`;
}

/** A socket on its way, and when it got where. */
class Dialling {
  readonly times: Attempt = {};

  constructor(
    private readonly path: Path,
    private readonly address: Endpoint,
  ) {}

  /** @throws why it can't be had; Reason `ETIMEDOUT` */
  async connected(within: number): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const { path, address } = this;
    const { target, approach } = path;
    const began = performance.now();
    let late: Error | undefined;
    const stood = () => (this.times.ms ??= performance.now() - began);
    const handlers: WireHandlers<Connection> = {
      ...connectionHandlers,
      open: (wire) => {
        stood();
        const connection = connectionOn(wire, formatEndpoint(address));
        if (late !== undefined) return wire.terminate();
        this.note(wire, performance.now() - began);
        resolve(connection);
      },
    };
    const { dial } = dialler(
      target,
      approach,
      handlers as WireHandlers<unknown>,
      (_, error) => reject(error),
    );
    const dialled = dial(address, undefined);
    dialled.then(stood, reject);
    const giveUp = (why: Error) => {
      late = why;
      reject(why);
      // Not before it opens, or fails: there is nothing to be closed until then.
      dialled.then(
        (socket) => socket.terminate(),
        () => {},
      );
    };
    const timer = setTimeout(() => {
      // What came while this process stood still is seen first.
      setTimeout(() => giveUp(new Reason("ETIMEDOUT")), 20);
    }, within);
    const stopped = () => giveUp(new Reason("ECONNABORTED"));
    path.stop.addEventListener("abort", stopped);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      path.stop.removeEventListener("abort", stopped);
    }
  }

  /** What is known once it can carry bytes. */
  private note(wire: Wire<Connection>, took: number): void {
    const { times } = this;
    const info = wire.data.tcpInfo();
    if (wire.tls === undefined) {
      times.rttMs = info && info.rtt / 1000;
    } else {
      times.tls = wire.tls.version;
      times.tlsMs = took - times.ms!;
      times.rttMs = info?.minRtt && info.minRtt / 1000;
    }
    times.retransmits = info?.totalRetransmits;
  }
}
