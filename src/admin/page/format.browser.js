/** What stands where a number is not known. */
export const NONE = "–";

function threeDigits(value) {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `532 B`, `1.05 MB`. */
export function bytes(value) {
  if (value < 999.5) return `${Math.round(value)} B`;
  for (const unit of ["kB", "MB", "GB"]) {
    value /= 1000;
    if (value < 999.5) return `${threeDigits(value)} ${unit}`;
  }
  return `${threeDigits(value / 1000)} TB`;
}

/** `1.05 MB/s`; `–` from null. */
export function rate(perSecond) {
  return perSecond === null ? NONE : `${bytes(perSecond)}/s`;
}

/** `10,000`. */
export function count(value) {
  return value.toLocaleString("en-US");
}

/** `0.31 ms`, `1.20 s` from seconds. */
export function delay(seconds) {
  const ms = seconds * 1000;
  return ms < 999.5 ? `${threeDigits(ms)} ms` : `${threeDigits(seconds)} s`;
}

/** `12 s`, `2m 05s`, `3h 07m`, `4d 03h` from milliseconds. */
export function age(ms) {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  const two = (value) => String(value % 60).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes)}m`;
  return `${Math.floor(hours / 24)}d ${String(hours % 24).padStart(2, "0")}h`;
}

const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** `1 Nov, 09:05`, where whoever reads it is. */
export function moment(at) {
  return MOMENT.format(at);
}
