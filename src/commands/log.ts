import type { Ended } from "../server/server.ts";
import { ctime } from "../server/stamp.ts";
import { formatBytes, formatDuration } from "../units.ts";
import { say } from "./say.ts";

export type LogKind = "text" | "json" | "off";

/** What a server tells its operator. */
export interface Log {
  listening(address: string, reply: string): void;
  connected(peer: { id: number; peer: string }): void;
  disconnected(ended: Ended): void;
  stopping(open: number): void;
  stopped(reset: number): void;
}

const silent: Log = {
  listening() {},
  connected() {},
  disconnected() {},
  stopping() {},
  stopped() {},
};

const CAUSES: Record<Ended["cause"], string> = {
  FIN: "the peer finished (FIN)",
  RST: "the peer reset it (RST)",
  stop: "this server stops (stop)",
  error: "a fault of this server (error)",
};

function text(now: () => Date): Log {
  const line = (message: string) =>
    say(`${ctime(now()).slice(11, 19)} ${message}`);
  return {
    listening(address, reply) {
      say(`Listening on ${address}; answers are ${reply}. Ctrl-C stops.`);
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
  const logger = pino({ base: null }, pino.destination({ fd: 2, sync: true }));
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
