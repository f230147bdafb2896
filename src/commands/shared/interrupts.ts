/** Exit statuses of what signals end: 128 and their numbers. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Milliseconds within which two signals are one: Ctrl-C reaches us from the
 * terminal, and once more from `bun run`, which passes it on.
 */
export const SAME_SIGNAL = 200;

/** What signals ask of a run that has something to tell at its end. */
export interface Interrupts {
  /** By the first: ends the measuring, and awaits what is in flight. */
  readonly stop: AbortSignal;
  /** By the second: ends that wait, too. */
  readonly cut: AbortSignal;
  /** The exit status of what the first has ended; undefined without one. */
  readonly status: number | undefined;
}

/** From here on signals do not end the process, but for the third. */
export function catchInterrupts(): Interrupts {
  const stop = new AbortController();
  const cut = new AbortController();
  let status: number | undefined;
  let ignoreUntil = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, function interrupt() {
      const now = performance.now();
      if (now < ignoreUntil) return;
      ignoreUntil = now + SAME_SIGNAL;
      status ??= STATUS[signal];
      if (!stop.signal.aborted) {
        stop.abort();
        return;
      }
      cut.abort();
      // The next one ends it at once.
      process.off(signal, interrupt);
    });
  }
  return {
    stop: stop.signal,
    cut: cut.signal,
    get status() {
      return status;
    },
  };
}
