import type { Side, When } from "../protocol/faults/fault.ts";
import type { Ending, Receiver } from "./end.ts";
import { type Surroundings, Trigger } from "./trigger.ts";

/** What a stage knows of its fault and its connection. */
export interface Context extends Surroundings {
  /** Whom its bytes go to. */
  side: Side;
  /** How many bytes went by before it was there. */
  offset: number;
  /** From 0 up to 1: the same on every run for the same offset. */
  chance(offset: number): number;
  /** The fault acts, at this offset of its direction. */
  acted(offset: number): void;
  /** What it holds, or whether it blocks, has changed by the clock. */
  settle(): void;
  /** Whether whom its bytes go to takes more. */
  hasRoom(): boolean;
  /** It keeps silent from now on. */
  silenced(): void;
  /** An end that whom it goes to is not told of. */
  swallowed(how: Ending): void;
}

/** Of memory that each piece costs, beside its bytes. */
const PIECE = 256;

export function costOf(item: Buffer | Ending): number {
  return PIECE + (typeof item === "string" ? 0 : item.length);
}

/**
 * A fault in one direction: bytes and ends come in, and go to the next stage.
 * It acts where its trigger says; by itself it lets all pass.
 */
export abstract class Stage implements Receiver {
  /** Bytes of memory that it holds. */
  held = 0;
  /** Whether nothing may come for now. */
  blocked = false;
  /** Whether nothing gets by any more, not even an end, and none was told. */
  silent = false;
  /** Of its direction: how many bytes have come. */
  protected offset: number;
  protected next!: Receiver;
  private trigger: Trigger | undefined;

  /**
   * @param eager whether it acts as soon as the bytes before its point have
   * gone by, and not only once there is a byte to act on
   */
  constructor(
    protected readonly context: Context,
    private readonly when: When | "never" | undefined,
    private readonly eager = true,
  ) {
    this.offset = context.offset;
  }

  /** @param next whom it passes all on to */
  connect(next: Receiver): void {
    this.next = next;
    this.trigger = new Trigger(this.when, this.offset, this.context, () => {
      if (this.eager) this.reached();
      else this.trigger!.at = this.offset;
    });
  }

  /** Acts, if that is without a byte: all others are connected by now. */
  start(): void {
    if (!this.eager || this.trigger!.at !== this.offset) return;
    this.trigger!.took();
    this.reached();
  }

  bytes(chunk: Buffer): void {
    const trigger = this.trigger!;
    let rest = chunk;
    while (rest.length > 0) {
      const before = trigger.at - this.offset;
      const isWithin = this.eager
        ? before <= rest.length
        : before < rest.length;
      if (!isWithin) {
        this.take(rest);
        return;
      }
      if (before > 0) this.take(rest.subarray(0, before));
      rest = rest.subarray(before);
      trigger.took();
      this.reached();
      if (this.blocked && rest.length > 0) {
        this.bytes(rest);
        return;
      }
    }
  }

  private take(chunk: Buffer): void {
    this.flow(chunk);
    this.offset += chunk.length;
  }

  end(how: Ending): void {
    this.next.end(how);
  }

  /** Its trigger's point: what follows is what it acts on. */
  protected abstract reached(): void;

  /** `chunk` begins at `offset`; no point of its trigger is within. */
  protected flow(chunk: Buffer): void {
    this.next.bytes(chunk);
  }

  protected pass(item: Buffer | Ending): void {
    if (typeof item === "string") this.next.end(item);
    else this.next.bytes(item);
  }

  /** There is room again where there was none. */
  roomAgain(): void {}

  /** It is taken away: passes on to `next` what it holds. */
  leave(next: Receiver): void {
    this.next = next;
    this.stop();
    this.release();
  }

  /** Passes on what it holds, at once. */
  protected release(): void {}

  /** Nothing happens by itself any more. */
  stop(): void {
    this.trigger?.stop();
  }
}
