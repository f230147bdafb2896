/** Nearer to each other, two readings tell no rate. */
const NEAREST = 500;

/** Makes bytes per second of bytes since the start. */
export class Meter {
  /** Both null until there are two readings. */
  rate = { in: null, out: null };
  #last = null;

  /** @param at milliseconds */
  read(at, bytesIn, bytesOut) {
    const last = this.#last;
    // Fewer than before: it is not what was read before, but its successor.
    if (last === null || bytesIn < last.bytesIn || bytesOut < last.bytesOut) {
      this.rate = { in: null, out: null };
    } else if (at - last.at < NEAREST) {
      return this;
    } else {
      const seconds = (at - last.at) / 1000;
      this.rate = {
        in: (bytesIn - last.bytesIn) / seconds,
        out: (bytesOut - last.bytesOut) / seconds,
      };
    }
    this.#last = { at, bytesIn, bytesOut };
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
      return meter.read(at, peer.bytesIn, peer.bytesOut);
    });
  }
}
