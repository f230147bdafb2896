/** Two looks further apart than this, in milliseconds, were not meant to be. */
const NOTICEABLE = 200;

/**
 * Notices that this process stood still between two looks: it was stopped,
 * swapped out, or got no processor. What came meanwhile waits to be read, so
 * nobody must be judged by that time.
 */
export class Standstill {
  /** The longest, in milliseconds; 0 if there was none. */
  longest = 0;
  /** When the last one ended, by `performance.now()`. */
  endedAt = -Infinity;
  /** The look before the last: the events due by then have been let in. */
  lookedAt: number;

  constructor(now: number) {
    this.lookedAt = now;
  }

  /** @param now to be called at regular times, much closer than NOTICEABLE */
  look(now: number): void {
    const apart = now - this.lookedAt;
    this.lookedAt = now;
    if (apart < NOTICEABLE) return;
    this.endedAt = now;
    this.longest = Math.max(this.longest, apart);
  }

  /** What was longest before does not count any more. */
  forget(): void {
    this.longest = 0;
  }

  /** The longest, with one that has just ended. */
  longestBy(now: number): number {
    const apart = now - this.lookedAt;
    return apart < NOTICEABLE ? this.longest : Math.max(this.longest, apart);
  }
}
