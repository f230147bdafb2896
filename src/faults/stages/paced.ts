import type { FaultOf } from "../../protocol/faults/fault.ts";
import type { Ending } from "../end.ts";
import { type Context, costOf, Stage } from "../stage.ts";

/** A rate goes out in pieces of so many milliseconds. */
const RATE_PIECE = 5;
/** More at once than this is no stream. */
const LARGEST_PIECE = 64 * 1024;

/** Cuts what comes into pieces, and lets them go one by one. */
abstract class Paced extends Stage {
  /** When what went before is through. */
  protected free = -Infinity;
  private line: (Buffer | Ending)[] = [];
  private active = false;
  private told = false;
  private isHeldUp = false;
  private cancel: () => void = () => {};

  protected abstract readonly piece: number;
  /** Milliseconds that a piece takes before it goes. */
  protected abstract before(length: number): number;
  /** From when on the next one's time counts, after one that was due. */
  protected abstract freeAfter(due: number, now: number): number;

  protected reached(): void {
    this.active = true;
  }

  protected override flow(chunk: Buffer): void {
    if (!this.active) {
      this.pass(chunk);
      return;
    }
    if (!this.told) this.context.acted(this.offset);
    this.told = true;
    this.add(chunk);
  }

  override end(how: Ending): void {
    // Nobody who takes nothing is kept from seeing a reset.
    if (how === "reset" && !this.context.hasRoom()) {
      this.line = [];
      this.held = 0;
      this.pass(how);
    } else {
      this.add(how);
    }
  }

  private add(item: Buffer | Ending): void {
    this.line.push(item);
    this.held += costOf(item);
    if (this.line.length > 1) return;
    this.free = Math.max(this.free, this.context.clock.now());
    this.advance();
  }

  /** Sends each piece whose time has come, and waits for the next. */
  private advance(): void {
    const { clock } = this.context;
    this.cancel();
    for (;;) {
      const first = this.line[0];
      if (first === undefined) return;
      if (typeof first === "string") {
        this.shift(first);
        continue;
      }
      const length = Math.min(first.length, this.piece);
      const due = this.free + this.before(length);
      const now = clock.now();
      if (due > now) {
        this.cancel = clock.at(due, () => {
          this.advance();
          this.context.settle();
        });
        return;
      }
      if (!this.context.hasRoom()) {
        this.isHeldUp = true;
        return;
      }
      this.free = this.freeAfter(due, now);
      this.send(first, length);
    }
  }

  private send(first: Buffer, length: number): void {
    if (length === first.length) {
      this.shift(first);
      return;
    }
    this.line[0] = first.subarray(length);
    this.held -= length;
    this.pass(first.subarray(0, length));
  }

  private shift(first: Buffer | Ending): void {
    this.line.shift();
    this.held -= costOf(first);
    this.pass(first);
  }

  override roomAgain(): void {
    // A timer's lateness is caught up with, but not what nobody took.
    if (this.isHeldUp) this.free = this.context.clock.now();
    this.isHeldUp = false;
    this.advance();
  }

  protected override release(): void {
    for (const item of this.line.splice(0)) this.pass(item);
    this.held = 0;
  }

  override stop(): void {
    super.stop();
    this.cancel();
  }
}

export class Rate extends Paced {
  protected readonly piece: number;
  private readonly perMs: number;

  constructor(context: Context, { size, when }: FaultOf<"rate">) {
    super(context, when);
    this.perMs = size / 1000;
    const piece = Math.round(this.perMs * RATE_PIECE);
    this.piece = Math.min(Math.max(piece, 1), LARGEST_PIECE);
  }

  protected before(length: number): number {
    return length / this.perMs;
  }

  protected freeAfter(due: number): number {
    return due;
  }
}

export class Slice extends Paced {
  protected readonly piece: number;
  private readonly pause: number;

  constructor(context: Context, { size, time, when }: FaultOf<"slice">) {
    super(context, when);
    this.piece = size;
    this.pause = time;
  }

  protected before(): number {
    return 0;
  }

  protected freeAfter(_: number, now: number): number {
    return now + this.pause;
  }
}
