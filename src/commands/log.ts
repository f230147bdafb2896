import type { Ended, ServerOptions } from "../server/server.ts";
import { ctime } from "../server/stamp.ts";
import { formatBytes, formatDuration, plural } from "../units.ts";
import { said, say } from "./say.ts";

export type LogKind = "text" | "json" | "off";

/** What a server tells its operator. */
export interface Log {
  listening(address: string, reply: string): void;
  connected(peer: { id: number | string; peer: string }): void;
  disconnected(ended: Omit<Ended, "id"> & { id: number | string }): void;
  /** Connections that were not let in, in the last second. */
  rejected(reason: string, count: number): void;
  /** Something that an operator should know, in words. */
  notice(event: string, message: string): void;
  stopping(open: number): void;
  stopped(reset: number): void;
}

const silent: Log = {
  listening() {},
  connected() {},
  disconnected() {},
  rejected() {},
  notice() {},
  stopping() {},
  stopped() {},
};

const CAUSES: Record<Ended["cause"], string> = {
  FIN: "the peer finished (FIN)",
  RST: "the peer reset it (RST)",
  stop: "this server stops (stop)",
  idle: "it was idle for too long (idle)",
  lifetime: "it was open for too long (lifetime)",
  pending: "it did not read what it was owed (pending)",
  error: "a fault of this server (error)",
};

function text(now: () => Date): Log {
  const line = (message: string) =>
    say(`${ctime(now()).slice(11, 19)} ${message}`);
  return {
    listening(address, reply) {
      say(
        `Listening on ${address}; answers are ${reply === "stamp" ? "stamped" : reply}. Ctrl-C stops.`,
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
    rejected(reason, count) {
      line(`${plural(count, "connection")} not let in: ${reason}`);
    },
    notice(_, message) {
      line(message);
    },
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
  const logger = pino({ base: null }, { write: (line) => say(line.trimEnd()) });
  said.onLeftOut = (count) => logger.warn({ event: "left-out", count });
  return {
    listening(address, reply) {
      logger.info({ event: "listening", address, reply });
    },
    connected({ id, peer }) {
      logger.info({ event: "connected", id, peer });
    },
    disconnected({ lasted, ...ended }) {
      logger.info({ event: "closed", ...ended, ms: Math.round(lasted) });
    },
    rejected(reason, count) {
      logger.warn({ event: "rejected", reason, count });
    },
    notice(event, message) {
      logger.warn({ event, message });
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

const SUMMED_FOR = 1000;

/**
 * A log's part in what a server does with its connections' news.
 * @param prefix of the connections' numbers, to tell workers apart
 */
export function hooksOf(
  log: Log,
  prefix = "",
): Pick<ServerOptions, "onConnect" | "onDisconnect" | "onReject" | "onFiles"> {
  const numberOf = (id: number) => (prefix === "" ? id : prefix + id);
  return {
    onConnect: ({ id, peer }) => log.connected({ id: numberOf(id), peer }),
    onDisconnect: (ended) =>
      log.disconnected({ ...ended, id: numberOf(ended.id) }),
    onFiles: (left) =>
      log.notice(
        "files",
        left
          ? "there are files again: listening"
          : "no file is left to be had: not listening until there is",
      ),
    onReject: summed((reason, count) => log.rejected(reason, count)),
  };
}

/** Sums what abuse repeats, so that it can't flood a log. */
function summed(
  tell: (reason: string, count: number) => void,
): (reason: string) => void {
  const counts = new Map<string, number>();
  return (reason) => {
    if (counts.size === 0) {
      setTimeout(() => {
        for (const [each, count] of counts) tell(each, count);
        counts.clear();
      }, SUMMED_FOR);
    }
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  };
}
