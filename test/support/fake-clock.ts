import type { Clock } from "../../src/faults/clock.ts";

/** Time that passes when it is told to. */
export class FakeClock implements Clock {
  private time = 0;
  private order = 0;
  private entries: { due: number; order: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  at(due: number, run: () => void): () => void {
    const entry = { due, order: this.order++, run };
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  /** How many are still to run. */
  get waiting(): number {
    return this.entries.length;
  }

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [first] = this.entries
        .filter(({ due }) => due <= until)
        .toSorted((a, b) => a.due - b.due || a.order - b.order);
      if (first === undefined) break;
      this.entries = this.entries.filter((other) => other !== first);
      this.time = Math.max(this.time, first.due);
      first.run();
    }
    this.time = until;
  }
}
