import { Counter, Gauge, Registry } from "prom-client";

import type { Snapshot } from "./source.ts";

/** What a snapshot does not tell. */
export interface Build {
  version: string;
  ready: boolean;
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * A snapshot as Prometheus text. Each call makes its own registry: the server
 * has counted already, so that nothing needs to be kept here.
 */
export function metricsOf(
  snapshot: Snapshot,
  { version, ready }: Build,
): Promise<string> {
  const { connections, limits, bytes, stalled } = snapshot;
  const { workers, eventLoopDelay } = snapshot;
  const registers = [new Registry()];

  function gauge(name: string, help: string, value: number): void {
    new Gauge({ name, help, registers }).set(value);
  }

  function limit(name: string, help: string, value: number | null): void {
    gauge(name, help, value ?? Infinity);
  }

  function counter(name: string, help: string, value: number): void {
    new Counter({ name, help, registers }).inc(value);
  }

  function counters(
    name: string,
    help: string,
    label: string,
    values: Record<string, number>,
  ): void {
    const metric = new Counter({ name, help, labelNames: [label], registers });
    for (const [key, value] of Object.entries(values)) {
      metric.inc({ [label]: key }, value);
    }
  }

  gauge("sounder_connections_open", "Connections open now.", connections.open);
  limit(
    "sounder_connections_limit",
    "Connections that are let in at most; +Inf without a limit.",
    limits.connections,
  );
  counter(
    "sounder_connections_total",
    "Connections let in since the start.",
    connections.total,
  );
  counters(
    "sounder_connections_rejected_total",
    "Connections not let in since the start, by why not.",
    "reason",
    connections.rejected,
  );
  counters(
    "sounder_connections_closed_total",
    "Connections ended since the start, by what ended them.",
    "cause",
    snapshot.closed,
  );
  gauge(
    "sounder_connections_stalled",
    "Open connections whose peer does not read what it is sent.",
    stalled.now,
  );
  counter(
    "sounder_stalls_total",
    "How often a peer stopped reading since the start.",
    stalled.ever,
  );

  counter(
    "sounder_received_bytes_total",
    "Bytes received from peers since the start.",
    bytes.in,
  );
  counter(
    "sounder_sent_bytes_total",
    "Bytes sent to peers since the start.",
    bytes.out,
  );
  gauge(
    "sounder_pending_bytes",
    "Bytes held for peers that do not read.",
    bytes.pending,
  );
  limit(
    "sounder_pending_limit_bytes",
    "Memory held at most for peers that do not read; +Inf without a limit.",
    limits.pending,
  );
  counter(
    "sounder_dropped_bytes_total",
    "Bytes never sent back since the start: their connection was gone.",
    bytes.dropped,
  );

  gauge(
    "sounder_event_loop_delay_p50_seconds",
    "How late the slowest worker's event loop was: the median.",
    eventLoopDelay.p50,
  );
  gauge(
    "sounder_event_loop_delay_p99_seconds",
    "How late the slowest worker's event loop was: the 99th percentile.",
    eventLoopDelay.p99,
  );
  gauge(
    "sounder_event_loop_delay_max_seconds",
    "How late the slowest worker's event loop was: the most.",
    eventLoopDelay.max,
  );
  gauge(
    "sounder_resident_memory_bytes",
    "Resident memory of all processes.",
    snapshot.memory.rss,
  );

  gauge(
    "sounder_workers_planned",
    "Worker processes there should be.",
    workers.planned,
  );
  gauge("sounder_workers_alive", "Worker processes there are.", workers.alive);
  counter(
    "sounder_worker_restarts_total",
    "Worker processes started in place of one that died.",
    workers.restarts,
  );

  gauge(
    "sounder_ready",
    "1 while new connections are welcome, 0 while draining.",
    Number(ready),
  );
  gauge(
    "sounder_start_time_seconds",
    "When the server started, in seconds since 1970.",
    snapshot.startedAt / 1000,
  );
  new Gauge({
    name: "sounder_build_info",
    help: "1, labelled with the versions of Sounder and of Bun.",
    labelNames: ["version", "bun_version"],
    registers,
  }).set({ version, bun_version: Bun.version }, 1);

  return registers[0]!.metrics();
}
