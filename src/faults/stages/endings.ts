import type { Fault } from "../../protocol/faults/fault.ts";
import { type Ending, isFin } from "../end.ts";
import { type Context, Stage } from "../stage.ts";
import type { Cut } from "./cut.ts";

/** Does something else where a direction ends. */
abstract class AtEnd extends Stage {
  private active = false;
  private isTold = false;

  constructor(context: Context, { when }: Fault) {
    super(context, when);
  }

  protected reached(): void {
    this.active = true;
  }

  /** @returns what comes of it */
  protected abstract turn(how: Ending): Ending;

  /** It acts. Who finishes closes later: that is told of one end. */
  protected tell(): void {
    if (!this.isTold) this.context.acted(this.offset);
    this.isTold = true;
  }

  override end(how: Ending): void {
    this.pass(this.active ? this.turn(how) : how);
  }
}

export class ResetAsFinish extends AtEnd {
  protected turn(how: Ending): Ending {
    if (isFin(how)) return how;
    this.tell();
    return "finish";
  }
}

export class FinishAsReset extends AtEnd {
  protected turn(how: Ending): Ending {
    if (!isFin(how)) return how;
    this.tell();
    return "abort";
  }
}

export class Truncate extends AtEnd {
  protected turn(how: Ending): Ending {
    if (!isFin(how)) return how;
    this.tell();
    return "truncate";
  }
}

/** Who finishes gets a FIN at once, and nothing more. */
export class NoHalfClose extends AtEnd {
  /** Of the other direction. */
  answer: Cut | undefined;
  /** The same fault in the other direction, if it is there, too. */
  partner: NoHalfClose | undefined;
  /** Neither direction is half-closed any more. */
  private isOver = false;

  protected turn(how: Ending): Ending {
    if (this.isOver || (how !== "finish" && how !== "truncate")) return how;
    this.isOver = true;
    // The FIN that is sent in answer comes by there.
    if (this.partner !== undefined) this.partner.isOver = true;
    this.tell();
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
