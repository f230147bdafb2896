const LOOK_EVERY = 5;
/** How long somebody who interrupts has to wait for answers. */
const PATIENCE = 1000;

/** How a run is ended before its time. */
export interface Ending {
  /** Ends the measuring; what is in flight is awaited for a moment. */
  stop: AbortSignal;
  /** Ends that wait, too. */
  cut: AbortSignal;
}

/** Resolves when `done()` holds, or never later than `deadline`. */
export async function until(
  done: () => boolean,
  deadline: number,
): Promise<void> {
  while (!done() && performance.now() < deadline) {
    const left = deadline - performance.now();
    await Bun.sleep(Math.max(1, Math.min(LOOK_EVERY, left)));
  }
}

/**
 * Waits for what others are to do. Its waits have a second in all once the run
 * has been stopped. While the process stands still it does not wait: what comes
 * in that time has not been seen yet.
 */
export class Waiting {
  private hurry = PATIENCE;

  constructor(readonly ending: Ending) {}

  /** Somebody who interrupted it was not to wait any longer. */
  get hurried(): boolean {
    return this.ending.cut.aborted || this.hurry <= 0;
  }

  /** Resolves when `done()` holds, or after `patience` ms at most. */
  async for(done: () => boolean, patience: number): Promise<void> {
    const { stop } = this.ending;
    let left = patience;
    let before = performance.now();
    while (!done()) {
      if (left <= 0 || this.hurried) return;
      await Bun.sleep(Math.max(1, Math.min(LOOK_EVERY, left)));
      const now = performance.now();
      const waited = Math.min(now - before, 10 * LOOK_EVERY);
      before = now;
      left -= waited;
      if (stop.aborted) this.hurry -= waited;
    }
  }
}
