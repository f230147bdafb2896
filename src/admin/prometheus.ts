import { Counter, Gauge, Registry } from "prom-client";

import { type Metric, metricsIn, valueAt } from "../status/metric.ts";
import { METRICS } from "../status/metrics.ts";
import type { Snapshot } from "../status/snapshot.ts";

/** What a snapshot does not tell. */
export interface Build {
  version: string;
  ready: boolean;
}

export const PROMETHEUS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * A snapshot as Prometheus text. Each call makes its own registry: the server
 * has counted already, so that nothing needs to be kept here.
 */
export function prometheusText(
  snapshot: Snapshot,
  { version, ready }: Build,
): Promise<string> {
  const registry = new Registry();
  for (const [path, metric] of metricsIn(METRICS)) {
    add(registry, metric, valueAt(snapshot, path));
  }
  const registers = [registry];
  new Gauge({
    name: "sounder_ready",
    help: "1 while new connections are welcome, 0 while draining.",
    registers,
  }).set(Number(ready));
  new Gauge({
    name: "sounder_build_info",
    help: "1, labelled with the versions of Sounder and of Bun.",
    labelNames: ["version", "bun_version"],
    registers,
  }).set({ version, bun_version: Bun.version }, 1);
  return registry.metrics();
}

function add(
  registry: Registry,
  { type, name, help, label, unit }: Metric<unknown>,
  value: unknown,
): void {
  const labelNames = label === undefined ? [] : [label];
  const options = { name, help, labelNames, registers: [registry] };
  if (type === "gauge") {
    const number = value === null ? Infinity : (value as number);
    new Gauge(options).set(unit === "moment" ? number / 1000 : number);
    return;
  }
  const counter = new Counter(options);
  if (label === undefined) counter.inc(value as number);
  else {
    for (const [key, count] of Object.entries(value as object)) {
      counter.inc({ [label]: key }, count);
    }
  }
}
