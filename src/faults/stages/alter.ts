import type { Fault, FaultOf } from "../../protocol/faults/fault.ts";
import type { Ending } from "../end.ts";
import { type Context, costOf, Stage } from "../stage.ts";

/** Changes the bytes from some point on. */
abstract class Alter extends Stage {
  constructor(context: Context, when: Fault["when"]) {
    super(context, when, false);
  }

  protected reached(): void {
    this.context.acted(this.offset);
    this.begin();
  }

  protected abstract begin(): void;
}

/** Changes one bit of one byte. */
export class Corrupt extends Alter {
  private due = false;

  protected begin(): void {
    this.due = true;
  }

  protected override flow(chunk: Buffer): void {
    if (this.due) {
      this.due = false;
      chunk[0]! ^= 1 << Math.floor(8 * this.context.chance(this.offset));
    }
    this.pass(chunk);
  }
}

/** Does something to the next bytes, as many as its size says. */
abstract class Span extends Alter {
  protected left = 0;
  private readonly size: number;

  constructor(context: Context, { when, size }: FaultOf<"drop" | "repeat">) {
    super(context, when);
    this.size = size;
  }

  protected begin(): void {
    this.left = this.size;
  }

  protected abstract within(bytes: Buffer): void;

  protected override flow(chunk: Buffer): void {
    const length = Math.min(this.left, chunk.length);
    if (length > 0) {
      this.left -= length;
      this.within(chunk.subarray(0, length));
    }
    if (length < chunk.length) this.pass(chunk.subarray(length));
  }
}

export class Drop extends Span {
  protected within(): void {}
}

/** Sends its bytes twice: all of them, then all of them again. */
export class Repeat extends Span {
  private seen: Buffer[] = [];

  protected within(bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    this.seen.push(copy);
    this.held += costOf(copy);
    this.pass(bytes);
    if (this.left === 0) this.release();
  }

  override end(how: Ending): void {
    if (how !== "reset") this.release();
    this.pass(how);
  }

  protected override release(): void {
    const again = this.seen.splice(0);
    this.left = 0;
    this.held = 0;
    for (const copy of again) this.pass(copy);
  }
}

/** How long the first of two chunks waits for its neighbour. */
const SWAP_WITHIN = 1000;

/**
 * Two neighbouring chunks change places. Where no other comes within a second,
 * the two halves of the one do.
 */
export class Swap extends Alter {
  private due = false;
  private first: Buffer | undefined;
  private cancel: () => void = () => {};

  protected begin(): void {
    this.due = true;
  }

  protected override flow(chunk: Buffer): void {
    const { first } = this;
    if (first !== undefined) {
      this.forget();
      this.pass(chunk);
      this.pass(first);
    } else if (this.due) {
      this.due = false;
      this.wait(chunk);
    } else {
      this.pass(chunk);
    }
  }

  private wait(chunk: Buffer): void {
    const { clock, settle } = this.context;
    this.first = chunk;
    this.held = costOf(chunk);
    this.cancel = clock.at(clock.now() + SWAP_WITHIN, () => {
      this.release();
      settle();
    });
  }

  private forget(): void {
    this.cancel();
    this.first = undefined;
    this.held = 0;
  }

  override end(how: Ending): void {
    if (how !== "reset") this.release();
    this.pass(how);
  }

  protected override release(): void {
    const { first } = this;
    if (first === undefined) return;
    this.forget();
    const half = first.length >> 1;
    this.pass(first.subarray(half));
    if (half > 0) this.pass(first.subarray(0, half));
  }

  override stop(): void {
    super.stop();
    this.cancel();
  }
}
