/**
 * Responsiveness under working conditions, as draft-ietf-ippm-responsiveness-08
 * has it ("Final Calculations"), for what is no HTTP.
 */

/** Times that were measured while the path was busy, in milliseconds. */
export interface Samples {
  /** `tcp_f`: handshakes of fresh connections. */
  tcp: number[];
  /** `tls_f`: TLS' handshakes, by the round trips that they take. */
  tls: number[];
  /** `http_f`: a line and its echo, on a fresh connection. */
  fresh: number[];
  /** `http_l`: a byte and its echo, on the connection that carries the load. */
  loaded: number[];
}

/** Round trips a minute; null where there were too few samples for it. */
export interface Responsiveness {
  rpm: number | null;
  /** On fresh connections, and on the one that carries the load. */
  fresh: number | null;
  loaded: number | null;
}

/** So much of the samples is looked at, the fastest: TMP. */
const TRIMMED = 0.95;
/** Fewer samples than that say nothing. */
const LEAST = 3;
const MINUTE = 60_000;

/** TM: the mean without the slowest twentieth; undefined of too few. */
export function trimmedMean(values: readonly number[]): number | undefined {
  if (values.length < LEAST) return undefined;
  const kept = Math.ceil(values.length * TRIMMED);
  const fastest = values.toSorted((a, b) => a - b).slice(0, kept);
  return fastest.reduce((sum, value) => sum + value, 0) / kept;
}

export function responsivenessOf(samples: Samples): Responsiveness {
  const means = [samples.tcp, samples.fresh].map(trimmedMean);
  // Without TLS its part is left out: a zero would count as a fast answer.
  if (samples.tls.length > 0) means.push(trimmedMean(samples.tls));
  const known = means.filter((mean) => mean !== undefined);
  const sum = known.reduce((all, mean) => all + mean, 0);
  const fresh =
    known.length === means.length ? MINUTE / (sum / known.length) : null;
  const mean = trimmedMean(samples.loaded);
  const loaded = mean === undefined ? null : MINUTE / mean;
  const rpm = fresh === null || loaded === null ? null : (fresh + loaded) / 2;
  return { rpm, fresh, loaded };
}
