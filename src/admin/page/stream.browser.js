/** Milliseconds without news after which the server is taken for gone. */
const SILENCE = 3000;
/** Milliseconds after which a stream that says nothing is opened anew. */
const PATIENCE = 5000;

/**
 * The server's events. It finds the server again by itself: a browser's own
 * retries end where the answer is an error, or where a network swallows all.
 */
export class Stream {
  #listener;
  #source = null;
  #query = "";
  #openedAt = 0;
  #heardAt = 0;

  /** @param listener with snapshot(), trouble() and silence() */
  constructor(listener) {
    this.#listener = listener;
    setInterval(() => this.#watch(), 1000);
  }

  open(query) {
    this.#query = query;
    this.#heardAt = performance.now();
    this.#connect();
  }

  close() {
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    this.close();
    this.#openedAt = performance.now();
    this.#source = new EventSource(`/events?${this.#query}`);
    for (const name of ["snapshot", "trouble"]) {
      this.#source.addEventListener(name, ({ data }) => {
        this.#heardAt = performance.now();
        this.#listener[name](JSON.parse(data));
      });
    }
  }

  #watch() {
    const now = performance.now();
    const silent = now - this.#heardAt;
    if (this.#source === null || silent < SILENCE) return;
    this.#listener.silence(silent);
    if (now - this.#openedAt > PATIENCE) this.#connect();
  }
}
