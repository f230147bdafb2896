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
