import { Meter } from "./meter.browser.js";

const MINUTE = 60;
/** Seconds that the charts show at most, and from the start. */
const LONGEST = 10 * MINUTE;
const SHORTEST = MINUTE;
/** Seconds without a snapshot that the charts show as a gap. */
const GAP = 3;

/** What was seen, second by second: columns, as uPlot takes them. */
export class History {
  /** Seconds since 1970, bytes in and out per second, open, stalled. */
  columns = [[], [], [], [], []];

  add({ at, connections, stalled }, rate) {
    const [times] = this.columns;
    const now = at / 1000;
    const last = times.at(-1);
    if (last !== undefined && now <= last) return;
    if (now - last > GAP) this.#append(last + 1, null, null, null, null);
    this.#append(now, rate.in, rate.out, connections.open, stalled.now);
    while (times[0] < now - LONGEST) {
      for (const column of this.columns) column.shift();
    }
  }

  /** Puts what the server kept first: `[at, in, out, open, stalled]`. */
  restore(samples) {
    const seen = this.columns;
    this.columns = [[], [], [], [], []];
    const meter = new Meter();
    for (const [at, bytesIn, bytesOut, open, stalled] of samples) {
      const { rate } = meter.read(at, { in: bytesIn, out: bytesOut });
      this.add({ at, connections: { open }, stalled: { now: stalled } }, rate);
    }
    const last = this.columns[0].at(-1) ?? 0;
    seen[0].forEach((now, index) => {
      // Of its first second a page knows no rate, where the server may.
      const isKnown = seen[1][index] !== null || last === 0;
      if (now > last && isKnown)
        this.#append(...seen.map((column) => column[index]));
    });
  }

  /** From when to when it is shown. */
  get span() {
    const [times] = this.columns;
    const to = times.at(-1) ?? 0;
    return [Math.min(times[0] ?? 0, to - SHORTEST), to];
  }

  #append(...values) {
    values.forEach((value, index) => this.columns[index].push(value));
  }
}
