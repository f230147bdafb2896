/** Nearer to each other, two readings tell no rate. */
const NEAREST = 500;

/** Makes rates of totals since the start. */
export class Meter {
  /** Per second, by name; null until there are two readings. */
  rate = {};
  #last = null;

  /**
   * @param at milliseconds
   * @param totals by name, the same ones each time
   */
  read(at, totals) {
    const last = this.#last;
    const names = Object.keys(totals);
    // Fewer than before: it is not what was read before, but its successor.
    if (
      last === null ||
      names.some((name) => totals[name] < last.totals[name])
    ) {
      this.rate = Object.fromEntries(names.map((name) => [name, null]));
    } else if (at - last.at < NEAREST) {
      return this;
    } else {
      const seconds = (at - last.at) / 1000;
      const perSecond = (name) => (totals[name] - last.totals[name]) / seconds;
      this.rate = Object.fromEntries(
        names.map((name) => [name, perSecond(name)]),
      );
    }
    this.#last = { at, totals };
    return this;
  }
}

/** One meter each for all that are listed. */
export class PeerMeters {
  #meters = new Map();

  /** @returns the meters of the snapshot's peers, in their order */
  read({ at, startedAt, peers }) {
    const before = this.#meters;
    this.#meters = new Map();
    return peers.map((peer) => {
      const key = `${startedAt}/${peer.worker}/${peer.id}/${peer.since}`;
      const meter = before.get(key) ?? new Meter();
      this.#meters.set(key, meter);
      return meter.read(at, { in: peer.bytesIn, out: peer.bytesOut });
    });
  }
}
