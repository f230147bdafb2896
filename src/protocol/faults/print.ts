import type { Fault, On, When } from "./fault.ts";

const BINARY = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;
const DECIMAL = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;
/** Below this, digits say it better: `1000`, `1500`. */
const PLAIN = 10_000;
const TIMES = [
  ["h", 3600e3],
  ["m", 60e3],
  ["s", 1e3],
] as const;

function inUnits(
  value: number,
  units: readonly (readonly [string, number])[],
): string | undefined {
  const unit = units.find(([, scale]) => value > 0 && value % scale === 0);
  return unit && `${value / unit[1]}${unit[0]}`;
}

function size(bytes: number): string {
  return (
    inUnits(bytes, BINARY) ??
    (bytes < PLAIN ? undefined : inUnits(bytes, DECIMAL)) ??
    String(bytes)
  );
}

function duration(ms: number): string {
  return inUnits(ms, TIMES) ?? `${ms}ms`;
}

/** `1st`, `2nd`, `3rd`, `11th`, `21st` */
function ordinal(n: number): string {
  const teens = n % 100 > 10 && n % 100 < 20;
  const endings = ["th", "st", "nd", "rd"];
  return `${n}${(teens ? undefined : endings[n % 10]) ?? "th"}`;
}

function actionText(fault: Fault): string {
  switch (fault.action) {
    case "delay": {
      const { time, jitter } = fault;
      const more = jitter === 0 ? "" : `+-${duration(jitter)}`;
      return `${fault.action} ${duration(time)}${more}`;
    }
    case "rate":
    case "drop":
    case "repeat":
    case "pass-max":
      return `${fault.action} ${size(fault.size)}`;
    case "slice":
    case "join":
      return `${fault.action} ${size(fault.size)} ${duration(fault.time)}`;
    case "freeze":
    case "late-finish":
      return `${fault.action} ${duration(fault.time)}`;
    case "limit":
      return `${fault.action} ${fault.count}`;
    case "proxy-header":
      return `${fault.action} v${fault.version}`;
    default:
      return fault.action;
  }
}

function whenText(when: When): string {
  return `${when.at} ${"size" in when ? size(when.size) : duration(when.time)}`;
}

function onText(on: On): string {
  if ("percent" in on) return `on ${on.percent}%`;
  if ("every" in on) return `on every ${ordinal(on.every)}`;
  return `on first ${on.first}`;
}

/** A fault's text, which parseFault() reads to the same fault. */
export function formatFault(fault: Fault): string {
  const parts = [actionText(fault)];
  if (fault.toward !== undefined) parts.push(`toward ${fault.toward}`);
  if (fault.when !== undefined) parts.push(whenText(fault.when));
  if (fault.on !== undefined) parts.push(onText(fault.on));
  return parts.join(" ");
}
