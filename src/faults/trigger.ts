import type { When } from "../protocol/faults/fault.ts";
import type { Clock } from "./clock.ts";

/** What a trigger needs to know of its connection. */
export interface Surroundings {
  clock: Clock;
  /** When bytes last came, from either side. */
  lastActive(): number;
}

/** When a fault acts: at an offset of its direction, or by the clock. */
export class Trigger {
  /** The offset at which it acts next: Infinity where there is none. */
  at = Infinity;
  private cancel: () => void = () => {};

  /**
   * @param when undefined: once, at the start; `never`: another one tells
   * @param start the offset from which sizes are counted
   * @param fired the clock says that it acts now
   */
  constructor(
    private readonly when: When | "never" | undefined,
    start: number,
    private readonly around: Surroundings,
    private readonly fired: () => void,
  ) {
    if (when === "never") return;
    if (when === undefined) this.at = start;
    else if ("size" in when) this.at = start + when.size;
    else if (when.at === "idle") this.watch(when.time);
    else this.tick(around.clock.now() + when.time, when);
  }

  /** It has acted at `at`. */
  took(): void {
    const { when } = this;
    const again =
      typeof when === "object" && when.at === "every" && "size" in when;
    this.at = again ? this.at + when.size : Infinity;
  }

  stop(): void {
    this.at = Infinity;
    this.cancel();
  }

  private tick(due: number, when: { at: string; time: number }): void {
    this.cancel = this.around.clock.at(due, () => {
      if (when.at === "every") this.tick(due + when.time, when);
      this.fired();
    });
  }

  /** Fires once for each time that nothing came for so long. */
  private watch(time: number, told = -Infinity): void {
    const { clock, lastActive } = this.around;
    const last = lastActive();
    const due = last === told ? clock.now() + time : last + time;
    this.cancel = clock.at(due, () => {
      const idle = lastActive() === last && last !== told;
      this.watch(time, idle ? last : told);
      if (idle) this.fired();
    });
  }
}
