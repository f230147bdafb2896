import type { FaultOf } from "../../protocol/faults/fault.ts";
import type { Ending } from "../end.ts";
import { type Context, costOf, Stage } from "../stage.ts";

/** Holds small pieces until there are enough bytes, or they waited enough. */
export class Join extends Stage {
  private pieces: Buffer[] = [];
  private length = 0;
  private active = false;
  private told = false;
  private cancel: () => void = () => {};

  constructor(
    context: Context,
    private readonly fault: FaultOf<"join">,
  ) {
    super(context, fault.when);
  }

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
    this.pieces.push(chunk);
    this.length += chunk.length;
    this.held += costOf(chunk);
    if (this.length >= this.fault.size) this.release();
    else if (this.pieces.length === 1) this.wait();
  }

  private wait(): void {
    const { clock, settle } = this.context;
    this.cancel = clock.at(clock.now() + this.fault.time, () => {
      this.release();
      settle();
    });
  }

  override end(how: Ending): void {
    this.release();
    this.pass(how);
  }

  protected override release(): void {
    this.cancel();
    if (this.pieces.length === 0) return;
    const joined = Buffer.concat(this.pieces);
    this.pieces = [];
    this.length = 0;
    this.held = 0;
    this.pass(joined);
  }

  override stop(): void {
    super.stop();
    this.cancel();
  }
}
