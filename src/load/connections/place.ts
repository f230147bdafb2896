import type { ErrorCode } from "../../errors/codes.ts";
import type { LoadConnection } from "./connection.ts";
import type { Tally } from "../worker/tally.ts";

/** Milliseconds before a connection is replaced; they double, up to the most. */
const BACK_OFF_FIRST = 100;
const BACK_OFF_MOST = 1000;

/** Where connections follow each other, and what became of those before. */
export class Place {
  /** Whether one of those that are gone had an answer. */
  private served = false;
  private failures = 0;

  constructor(private readonly tally: Tally) {}

  /**
   * Counts a failure. Where no connection was ever answered, the warm-up is not
   * the reason.
   * @param lost whether its connection had been open
   */
  fail({ answered }: LoadConnection, code: ErrorCode, lost: boolean): void {
    const { tally } = this;
    const early = tally.warmingUp && (answered || this.served);
    if (!answered) tally.unserved += 1;
    if (early) tally.failEarly(code);
    else tally.fail(code);
    if (lost && early) tally.lostEarly += 1;
    else if (lost) tally.lost += 1;
  }

  /** @returns in how many milliseconds the one that is gone is to be replaced */
  backOff({ answered }: LoadConnection): number {
    this.served ||= answered;
    // To be accepted is no success yet: a proxy does that for a dead server.
    if (answered) this.failures = 0;
    const wait = BACK_OFF_FIRST * 2 ** this.failures;
    this.failures += 1;
    return Math.min(wait, BACK_OFF_MOST);
  }
}
