import type { Fault, FaultOf } from "../../protocol/faults/fault.ts";
import { type Ending, isFin } from "../end.ts";
import { type Context, costOf, Stage } from "../stage.ts";

/** Holds all that comes for some time, in order. */
abstract class Hold extends Stage {
  protected line: { item: Buffer | Ending; due: number }[] = [];
  private cancel: () => void = () => {};

  /** Milliseconds from now; Infinity: as long as the fault is there. */
  protected abstract waitFor(item: Buffer | Ending): number;

  protected override flow(chunk: Buffer): void {
    this.hold(chunk);
  }

  override end(how: Ending): void {
    this.hold(how);
  }

  protected hold(item: Buffer | Ending): void {
    const now = this.context.clock.now();
    const due = now + this.waitFor(item);
    if (this.line.length === 0 && due <= now) {
      this.pass(item);
      return;
    }
    this.line.push({ item, due });
    this.held += costOf(item);
    if (this.line.length === 1) this.arm();
  }

  private arm(): void {
    const first = this.line[0];
    this.cancel();
    if (first === undefined || first.due === Infinity) return;
    this.cancel = this.context.clock.at(first.due, () => {
      this.releaseUntil(this.context.clock.now());
      this.arm();
      this.context.settle();
    });
  }

  /** What is due behind one that is not has to wait: no one overtakes. */
  protected releaseUntil(now: number): void {
    while (this.line.length > 0 && this.line[0]!.due <= now) {
      const { item } = this.line.shift()!;
      this.held -= costOf(item);
      this.pass(item);
    }
  }

  protected override release(): void {
    this.releaseUntil(Infinity);
  }

  protected drop(): void {
    this.cancel();
    this.line = [];
    this.held = 0;
  }

  override stop(): void {
    super.stop();
    this.cancel();
  }
}

export class Delay extends Hold {
  private active = false;
  private told = false;

  constructor(
    context: Context,
    private readonly fault: FaultOf<"delay">,
  ) {
    super(context, fault.when);
  }

  protected reached(): void {
    this.active = true;
  }

  protected waitFor(): number {
    if (!this.active) return 0;
    const { offset, context } = this;
    if (!this.told) context.acted(offset);
    this.told = true;
    const { time, jitter } = this.fault;
    if (jitter === 0) return time;
    return time + jitter * (2 * context.chance(offset) - 1);
  }
}

export class LateFinish extends Hold {
  private active = false;
  private told = false;

  constructor(
    context: Context,
    private readonly fault: FaultOf<"late-finish">,
  ) {
    super(context, fault.when);
  }

  protected reached(): void {
    this.active = true;
  }

  protected waitFor(item: Buffer | Ending): number {
    if (!this.active || typeof item !== "string" || !isFin(item)) return 0;
    // Who finishes closes later.
    if (!this.told) this.context.acted(this.offset);
    this.told = true;
    return this.fault.time;
  }
}

/** Lets nothing pass for a time, or for ever. */
abstract class Standstill extends Hold {
  /** Both directions of a connection stand still at once. */
  partner: Standstill | undefined;
  private until = -Infinity;
  private cancelThaw: () => void = () => {};

  protected abstract readonly time: number;

  /** What waits has not come to the next point yet, where it stands still again. */
  override bytes(chunk: Buffer): void {
    if (this.line.length > 0 || this.waitFor() > 0) this.hold(chunk);
    else super.bytes(chunk);
  }

  protected override releaseUntil(): void {
    const waiting = this.line.splice(0);
    this.held = 0;
    for (const { item } of waiting) {
      if (typeof item === "string") this.end(item);
      else this.bytes(item);
    }
  }

  protected reached(): void {
    this.context.acted(this.offset);
    this.begin();
    this.partner?.begin();
  }

  private begin(): void {
    const { clock, settle } = this.context;
    this.until = clock.now() + this.time;
    this.blocked = true;
    settle();
    if (this.until === Infinity) return;
    this.cancelThaw = clock.at(this.until, () => this.thaw());
  }

  private thaw(): void {
    this.blocked = this.context.clock.now() < this.until;
    this.context.settle();
  }

  protected waitFor(): number {
    return Math.max(this.until - this.context.clock.now(), 0);
  }

  protected override release(): void {
    this.until = -Infinity;
    super.release();
  }

  override stop(): void {
    super.stop();
    this.cancelThaw();
  }
}

export class Freeze extends Standstill {
  protected readonly time: number;

  constructor(
    context: Context,
    when: Fault["when"] | "never",
    { time }: FaultOf<"freeze">,
  ) {
    super(context, when);
    this.time = time;
  }
}

export class Stall extends Standstill {
  protected readonly time = Infinity;

  /** That a connection is gone is seen by one who does not read, too. */
  override end(how: Ending): void {
    if (this.blocked && (how === "gone" || !isFin(how))) {
      this.drop();
      this.pass(how);
    } else {
      super.end(how);
    }
  }
}
