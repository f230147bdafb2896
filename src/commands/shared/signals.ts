import { once } from "node:events";

/** Exit statuses of what signals end: 128 and their numbers. */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof STATUS;

/**
 * Milliseconds within which two signals are one: Ctrl-C reaches us from the
 * terminal, and once more from `bun run`, which passes it on.
 */
const SAME_SIGNAL = 200;

/** What signals ask of a command that has something to finish first. */
export interface Signals {
  /** By the first: ends what is going on, and awaits what is in flight. */
  readonly stop: AbortSignal;
  /** By the second: ends that wait, too. */
  readonly cut: AbortSignal;
  /** The exit status of what the first has ended; undefined without one. */
  readonly status: number | undefined;
  /** From here on they end the process again. */
  release(): void;
}

/** From here on these signals do not end the process by themselves. */
export function catchSignals(signals: readonly Signal[]): Signals {
  const stop = new AbortController();
  const cut = new AbortController();
  let status: number | undefined;
  let ignoreUntil = 0;
  function hear(signal: NodeJS.Signals): void {
    const now = performance.now();
    if (now < ignoreUntil) return;
    ignoreUntil = now + SAME_SIGNAL;
    status ??= STATUS[signal as Signal];
    (stop.signal.aborted ? cut : stop).abort();
  }
  for (const signal of signals) process.on(signal, hear);
  return {
    stop: stop.signal,
    cut: cut.signal,
    get status() {
      return status;
    },
    release() {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}

/** Resolves once it is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Resolves at Ctrl-C, with the exit status of what that ends. */
export async function interrupted(): Promise<number> {
  await once(process, "SIGINT");
  return STATUS.SIGINT;
}
