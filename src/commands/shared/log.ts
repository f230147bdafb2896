import type { Ended } from "../../server/hooks.ts";
import type { Rejected } from "../../inbound/rejection.ts";
import { ctime } from "../../protocol/stamp/stamper.ts";
import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import { printableJson } from "../../printable.ts";
import { formatBytes, formatDuration, plural } from "../../units.ts";
import type { FlagsOf } from "./group.ts";
import type { LOG } from "./groups.ts";
import { said, say } from "./say.ts";
import { REPLIES, type ReplyKind } from "../../protocol/reply.ts";

export type LogKind = FlagsOf<[typeof LOG]>["log"];

type Fields = Readonly<Record<string, string | number>>;

/** What a server tells its operator. */
export interface Log {
  listening(address: Endpoint, reply: ReplyKind): void;
  connected(peer: { id: number | string; peer: string }): void;
  disconnected(ended: Omit<Ended, "id"> & { id: number | string }): void;
  /** More connections than are told one by one, in the last second. */
  summed(more: { connected: number; closed: number }): void;
  /** Connections that were not let in, in the last second. */
  rejected(count: number, last: Rejected): void;
  /** Something good to know, in words, and in fields for who reads JSON. */
  note(event: string, message: string, fields?: Fields): void;
  /** Something that an operator should know. */
  warn(event: string, message: string, fields?: Fields): void;
  stopping(open: number): void;
  stopped(reset: number): void;
}

const silent: Log = {
  listening() {},
  connected() {},
  disconnected() {},
  summed() {},
  rejected() {},
  note() {},
  warn() {},
  stopping() {},
  stopped() {},
};

const CAUSES: Record<Ended["cause"], string> = {
  FIN: "the peer finished (FIN)",
  RST: "the peer reset it (RST)",
  truncated: "the peer finished without ending TLS (truncated)",
  stop: "this server stops (stop)",
  idle: "it was idle for too long (idle)",
  lifetime: "it was open for too long (lifetime)",
  pending: "it did not read what it was owed (pending)",
  asked: "a question of a check asked for it (asked)",
  owner: "this server was told to end it (owner)",
  fault: "a fault ended it, as was asked for (fault)",
  error: "our own code failed (error)",
};

/** How an address is told to a person: `::` alone would not say enough. */
export function describe(endpoint: Endpoint): string {
  const name = formatEndpoint(endpoint);
  if (endpoint.kind === "unix") return name;
  if (endpoint.host === "::") return `${name} (every interface, IPv4 and IPv6)`;
  return endpoint.host === "0.0.0.0" ? `${name} (every interface)` : name;
}

function text(now: () => Date): Log {
  function line(message: string): void {
    say(`${ctime(now()).slice(11, 19)} ${message}`);
  }
  return {
    listening(address, reply) {
      const answers = REPLIES[reply].adjective;
      say(
        `Listening on ${describe(address)}; answers are ${answers}. Ctrl-C stops.`,
      );
    },
    connected({ id, peer }) {
      line(`#${id} ${peer} connected`);
    },
    disconnected({ id, peer, lasted, bytesIn, bytesOut, dropped, cause }) {
      const lost = dropped > 0 ? `, ${formatBytes(dropped)} not taken` : "";
      line(
        `#${id} ${peer} closed after ${formatDuration(lasted)}: ` +
          `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out${lost}; ` +
          CAUSES[cause],
      );
    },
    summed({ connected, closed }) {
      line(
        `${connected} more connected, ${closed} closed; not told one by one`,
      );
    },
    rejected(count, { reason, peer, why }) {
      const last = why === undefined ? peer : `${peer}: ${why}`;
      line(
        `${plural(count, "connection")} not let in: ${reason}; ` +
          `the last was ${last}`,
      );
    },
    note: (_, message) => line(message),
    warn: (_, message) => line(message),
    stopping(open) {
      const wait = open > 0 ? `; ${open} open, served to their end` : "";
      say(`Stopping: no new connections${wait}. Again to stop at once.`);
    },
    stopped(reset) {
      say(reset > 0 ? `Stopped; ${reset} had to be reset.` : "Stopped.");
    },
  };
}

async function json(): Promise<Log> {
  const { default: pino } = await import("pino");
  // pino's own destinations block, or hold everything, while nobody reads.
  const write = (line: string) => say(printableJson(line.trimEnd()));
  const logger = pino({ base: null }, { write });
  said.onLeftOut = (count) => logger.warn({ event: "left-out", count });
  return {
    listening(endpoint, reply) {
      const address = formatEndpoint(endpoint);
      logger.info({ event: "listening", address, reply });
    },
    connected({ id, peer }) {
      logger.info({ event: "connected", id, peer });
    },
    disconnected({ lasted, ...ended }) {
      logger.info({ event: "closed", ...ended, ms: Math.round(lasted) });
    },
    summed(more) {
      logger.warn({ event: "summed", ...more });
    },
    rejected(count, { reason, ...last }) {
      logger.warn({ event: "rejected", reason, count, ...last });
    },
    note(event, message, fields) {
      logger.info({ event, message, ...fields });
    },
    warn(event, message, fields) {
      logger.warn({ event, message, ...fields });
    },
    stopping(open) {
      logger.info({ event: "stopping", open });
    },
    stopped(reset) {
      logger.info({ event: "stopped", reset });
    },
  };
}

export async function logOf(kind: LogKind): Promise<Log> {
  if (kind === "json") return json();
  return kind === "text" ? text(() => new Date()) : silent;
}
