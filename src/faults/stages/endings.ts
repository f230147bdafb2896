import type { Fault } from "../../protocol/faults/fault.ts";
import { type Ending, isFin } from "../end.ts";
import { type Context, Stage } from "../stage.ts";
import type { Cut } from "./cut.ts";

/** Does something else where a direction ends. */
abstract class AtEnd extends Stage {
  private active = false;

  constructor(context: Context, { when }: Fault) {
    super(context, when);
  }

  protected reached(): void {
    this.active = true;
  }

  /** @returns what comes of it */
  protected abstract turn(how: Ending): Ending;

  override end(how: Ending): void {
    this.pass(this.active ? this.turn(how) : how);
  }
}

export class ResetAsFinish extends AtEnd {
  protected turn(how: Ending): Ending {
    if (isFin(how)) return how;
    this.context.acted(this.offset);
    return "finish";
  }
}

export class FinishAsReset extends AtEnd {
  protected turn(how: Ending): Ending {
    if (!isFin(how)) return how;
    this.context.acted(this.offset);
    return "abort";
  }
}

export class Truncate extends AtEnd {
  /** Who finishes closes later. */
  private isTold = false;

  protected turn(how: Ending): Ending {
    if (!isFin(how)) return how;
    if (!this.isTold) this.context.acted(this.offset);
    this.isTold = true;
    return "truncate";
  }
}

/** Who finishes gets a FIN at once, and nothing more. */
export class NoHalfClose extends AtEnd {
  /** Of the other direction. */
  answer: Cut | undefined;

  protected turn(how: Ending): Ending {
    if (how !== "finish" && how !== "truncate") return how;
    this.context.acted(this.offset);
    if (this.answer?.cut() === true) this.answer.say();
    return how;
  }
}

/** Bytes before all others. */
export class Prefix extends Stage {
  constructor(
    context: Context,
    private readonly prefix: () => Buffer,
  ) {
    super(context, undefined);
  }

  protected reached(): void {
    // A fault that comes later finds the beginning gone by.
    if (this.offset > 0) return;
    this.context.acted(0);
    this.pass(this.prefix());
  }
}
