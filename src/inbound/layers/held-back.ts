import { Deadlines } from "../../socket/deadlines.ts";
import type { Permit } from "../../socket/wire.ts";

/** A connection that has not come as far as the layer's inner handlers. */
export interface Held {
  readonly permit: Permit | undefined;
  /** Who it is, to a person. */
  readonly name: string;
  /** It will come no further. */
  leave(): void;
  terminate(): void;
}

/** Is told of a connection as it is closed, and where there is more to say, why. */
export type RejectionHook<Reason> = (
  reason: Reason,
  peer: string,
  why?: string,
) => void;

/**
 * The connections that a layer holds back, each for so long at most. Who comes
 * no further gives its permit back here.
 */
export class HeldBack<One extends Held, Reason> {
  private readonly deadlines: Deadlines<One>;

  /**
   * @param within milliseconds that each of them has
   * @param late why one that had them is reset
   */
  constructor(
    within: number,
    late: NoInfer<Reason>,
    private readonly rejected: RejectionHook<Reason>,
  ) {
    this.deadlines = new Deadlines(within, (one) => {
      this.reject(one, late);
      one.terminate();
    });
  }

  get size(): number {
    return this.deadlines.size;
  }

  add(one: One): void {
    this.deadlines.add(one);
  }

  /** It goes on to the inner handlers, and takes its permit there. */
  pass(one: One): void {
    this.deadlines.remove(one);
  }

  /** It comes no further; the caller closes it. */
  reject(one: One, reason: Reason, why?: string): void {
    this.deadlines.remove(one);
    release(one);
    this.rejected(reason, one.name, why);
  }

  /** From now on nobody is held back for more than `time` milliseconds. */
  hurry(time: number): void {
    this.deadlines.shorten(time);
  }

  /** Resets all of them. @returns how many there were */
  reset(): number {
    const left = this.deadlines.takeAll();
    for (const one of left) {
      release(one);
      one.terminate();
    }
    return left.length;
  }
}

function release(one: Held): void {
  one.leave();
  one.permit?.release();
}
