import {
  counter,
  counters,
  earliest,
  gauge,
  limit,
  most,
  type TableOf,
} from "./metric.ts";
import type { PeerView } from "./peers.ts";

const LOOP_DELAY = "Loop delay, p99";

// Every metric of a server is defined here, and only here: its place in Counts
// or Snapshot, and its entry in a table, without which the compiler complains.
// From the tables come sums over processes, the checks of what another process
// sends, the Prometheus text, and the figures of the admin page, in the tables'
// order. What remains is to count it, at the place that the compiler names.

/** null is none. */
export interface Limits {
  connections: number | null;
  /** Bytes of memory held for peers that don't read. */
  pending: number | null;
}

/** What a server counts all the time. */
export interface Counts {
  /** Milliseconds since 1970. */
  at: number;
  startedAt: number;
  limits: Limits;
  connections: {
    open: number;
    total: number;
    /** By reason: `max-connections`, `max-connections-per-ip`, `deny`, … */
    rejected: Record<string, number>;
  };
  bytes: {
    in: number;
    out: number;
    /** Held for peers that don't read. */
    pending: number;
    /** Never sent back, since the connection was gone. */
    dropped: number;
  };
  /** How many connections are stalled now, and how often one ever was. */
  stalled: { now: number; ever: number };
  /** By cause: FIN, RST, stop, idle, …, and `worker-died` with its worker. */
  closed: Record<string, number>;
  /** Processes that share the work; all 0 where there is one alone. */
  workers: { planned: number; alive: number; restarts: number };
}

/** A server at one moment, or all its workers added up. */
export interface Snapshot extends Counts {
  /** Seconds, of the slowest worker, over the last 15 to 30 seconds. */
  eventLoopDelay: { p50: number; p99: number; max: number };
  /** Bytes, of all processes. */
  memory: { rss: number };
  peers: PeerView[];
  /** How many connections the search found, listed or not. */
  found: number;
}

/** What costs nothing to ask. */
export const COUNTED: TableOf<Omit<Counts, "at">> = {
  limits: {
    connections: limit({
      name: "sounder_connections_limit",
      help: "Connections that are let in at most; +Inf without a limit.",
      note: { of: "Connections", text: "of {} at most" },
    }),
    pending: limit({
      name: "sounder_pending_limit_bytes",
      help: "Memory held at most for peers that do not read; +Inf without a limit.",
      unit: "bytes",
      note: { of: "Pending", text: "of {} at most" },
    }),
  },
  connections: {
    open: gauge({
      name: "sounder_connections_open",
      help: "Connections open now.",
      figure: {
        name: "Connections",
        alarm: ["connections.open", ">=", "limits.connections"],
      },
    }),
    total: counter({
      name: "sounder_connections_total",
      help: "Connections let in since the start.",
      note: { of: "Connections", text: "{} since the start" },
    }),
    rejected: counters({
      name: "sounder_connections_rejected_total",
      help: "Connections not let in since the start, by why not.",
      label: "reason",
      figure: { name: "Rejected" },
    }),
  },
  bytes: {
    in: counter({
      name: "sounder_received_bytes_total",
      help: "Bytes received from peers since the start.",
      unit: "bytes",
      figure: { name: "Received", as: "rate" },
      note: { of: "Received", text: "{} in all" },
    }),
    out: counter({
      name: "sounder_sent_bytes_total",
      help: "Bytes sent to peers since the start.",
      unit: "bytes",
      figure: { name: "Sent", as: "rate" },
      note: { of: "Sent", text: "{} in all" },
    }),
    pending: gauge({
      name: "sounder_pending_bytes",
      help: "Bytes held for peers that do not read.",
      unit: "bytes",
      figure: { name: "Pending" },
    }),
    dropped: counter({
      name: "sounder_dropped_bytes_total",
      help: "Bytes never sent back since the start: their connection was gone.",
      unit: "bytes",
      note: { of: "Pending", text: "{} dropped in all" },
    }),
  },
  stalled: {
    now: gauge({
      name: "sounder_connections_stalled",
      help: "Open connections whose peer does not read what it is sent.",
      figure: { name: "Stalled", alarm: ["stalled.now", ">=", 1] },
    }),
    ever: counter({
      name: "sounder_stalls_total",
      help: "How often a peer stopped reading since the start.",
      note: { of: "Stalled", text: "{} since the start" },
    }),
  },
  closed: counters({
    name: "sounder_connections_closed_total",
    help: "Connections ended since the start, by what ended them.",
    label: "cause",
    figure: { name: "Closed" },
  }),
  workers: {
    planned: gauge({
      name: "sounder_workers_planned",
      help: "Worker processes there should be.",
      note: { of: "Memory", text: "{} workers", zero: "one process" },
    }),
    alive: gauge({
      name: "sounder_workers_alive",
      help: "Worker processes there are.",
      note: { of: "Memory", text: "{} alive", where: "workers.planned" },
    }),
    restarts: counter({
      name: "sounder_worker_restarts_total",
      help: "Worker processes started in place of one that died.",
      note: { of: "Memory", text: "{} restarted", where: "workers.planned" },
    }),
  },
  startedAt: earliest({
    name: "sounder_start_time_seconds",
    help: "When the server started, in seconds since 1970.",
    figure: { name: "Up", as: "age" },
    note: { of: "Up", text: "since {}" },
  }),
};

/** What is read when somebody asks. */
const READ: TableOf<Pick<Snapshot, "eventLoopDelay" | "memory">> = {
  eventLoopDelay: {
    p50: most({
      name: "sounder_event_loop_delay_p50_seconds",
      help: "How late the slowest worker's event loop was: the median.",
      unit: "seconds",
      note: { of: LOOP_DELAY, text: "p50 {}" },
    }),
    p99: most({
      name: "sounder_event_loop_delay_p99_seconds",
      help: "How late the slowest worker's event loop was: the 99th percentile.",
      unit: "seconds",
      figure: { name: LOOP_DELAY },
    }),
    max: most({
      name: "sounder_event_loop_delay_max_seconds",
      help: "How late the slowest worker's event loop was: the most.",
      unit: "seconds",
      note: { of: LOOP_DELAY, text: "max {}" },
    }),
  },
  memory: {
    rss: gauge({
      name: "sounder_resident_memory_bytes",
      help: "Resident memory of all processes.",
      unit: "bytes",
      figure: {
        name: "Memory",
        alarm: ["workers.alive", "<", "workers.planned"],
      },
    }),
  },
};

export const METRICS = { ...COUNTED, ...READ };
