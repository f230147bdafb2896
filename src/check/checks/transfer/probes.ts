import type { Endpoint } from "../../../address/endpoint.ts";
import type { Path } from "../../path.ts";
import { attempt } from "../connect/attempt.ts";
import type { Samples } from "./responsiveness.ts";

/**
 * Milliseconds from one probe to the next. At first they come as often as the
 * draft allows, MPS: a load may be over soon.
 */
const EVERY_AT_FIRST = 10;
const FIRST = 10;
const EVERY = 100;
/** Milliseconds that one may take, for the connection and for the answer. */
const WITHIN = 5000;
/** Milliseconds between two looks at how late we are ourselves. */
const TICK = 20;

/** Asks on fresh connections while the path is busy, one after the other. */
export class Probes implements AsyncDisposable {
  readonly samples: Samples = { tcp: [], tls: [], fresh: [], loaded: [] };
  /** Probes that failed. */
  failed = 0;
  /** How late this process was, in milliseconds each time. */
  readonly lag: number[] = [];
  private over = false;
  private readonly asking: Promise<void>;
  private readonly ticker: Timer;

  /** @param address the one that carries the load; undefined: none are sent */
  constructor(
    private readonly path: Path,
    private readonly address: Endpoint | undefined,
  ) {
    let due = performance.now() + TICK;
    this.ticker = setInterval(() => {
      const now = performance.now();
      this.lag.push(Math.max(now - due, 0));
      due = now + TICK;
    }, TICK);
    this.asking = this.ask();
    this.asking.catch(() => {});
  }

  private async ask(): Promise<void> {
    const { path, address } = this;
    if (address === undefined) return;
    for (let count = 0; !this.over; count += 1) {
      const began = performance.now();
      const { ms, rttMs, tls, tlsMs, answerMs, failed } = await attempt(
        path,
        address,
        WITHIN,
      );
      // What ends after the load is not of it.
      if (this.over) return;
      if (failed !== undefined) this.failed += 1;
      else {
        const { samples } = this;
        // The kernel's own measure is not delayed by what we do meanwhile.
        samples.tcp.push(rttMs ?? ms!);
        samples.fresh.push(answerMs!);
        if (tlsMs !== undefined) {
          samples.tls.push(tlsMs / (tls === "TLSv1.3" ? 1 : 2));
        }
      }
      const every = count < FIRST ? EVERY_AT_FIRST : EVERY;
      const left = began + every - performance.now();
      if (left > 0) await path.wait(left);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.over = true;
    clearInterval(this.ticker);
    await this.asking.catch(() => {});
  }
}
