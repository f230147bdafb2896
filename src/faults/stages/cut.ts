import type { Fault, FaultOf } from "../../protocol/faults/fault.ts";
import type { Ending } from "../end.ts";
import { type Context, Stage } from "../stage.ts";

/** From some point on nothing passes any more. */
export class Cut extends Stage {
  /** The same fault in the other direction, which is cut with this one. */
  partner: Cut | undefined;
  private isCut = false;

  /**
   * @param how what is said to whom the bytes go to; undefined: nothing
   * @param blocks whether the sender is not even read
   */
  constructor(
    context: Context,
    when: Fault["when"] | "never",
    private readonly how: Ending | undefined,
    private readonly blocks = false,
  ) {
    super(context, when);
  }

  protected reached(): void {
    if (this.isCut) return;
    this.context.acted(this.offset);
    const { partner } = this;
    // Whoever is told first may answer: that must not pass any more.
    this.cut();
    if (partner?.cut() === true) partner.say();
    this.say();
  }

  /** @returns whether it was not yet */
  cut(): boolean {
    if (this.isCut) return false;
    this.isCut = true;
    this.silent = this.how === undefined;
    this.blocked = this.blocks;
    return true;
  }

  say(): void {
    this.context.settle();
    if (this.how !== undefined) this.pass(this.how);
    else this.context.silenced();
  }

  protected override flow(chunk: Buffer): void {
    if (!this.isCut) this.pass(chunk);
  }

  override end(how: Ending): void {
    if (this.isCut) this.context.swallowed(how);
    else this.pass(how);
  }
}

/** A chunk that is too large, and all behind it, gets lost. */
export class PassMax extends Stage {
  private active = false;

  constructor(
    context: Context,
    private readonly fault: FaultOf<"pass-max">,
  ) {
    super(context, fault.when);
  }

  protected reached(): void {
    this.active = true;
  }

  protected override flow(chunk: Buffer): void {
    if (this.silent) return;
    if (!this.active || chunk.length <= this.fault.size) {
      this.pass(chunk);
      return;
    }
    this.silent = true;
    this.context.acted(this.offset);
    this.context.silenced();
  }

  override end(how: Ending): void {
    if (this.silent) this.context.swallowed(how);
    else this.pass(how);
  }
}
