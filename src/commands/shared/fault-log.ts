import type { FaultEvent } from "../../faults/link.ts";
import { plural } from "../../units.ts";
import type { Log } from "./log.ts";

/** `faults: reset after 3`, or that there are none. */
export function tellFaults(faults: readonly string[]): string {
  return faults.length === 0 ? "no faults" : `faults: ${faults.join("; ")}`;
}

/** Faults of a second that are told one by one. */
const TOLD_MOST = 1000;
/** Milliseconds. */
const PERIOD = 1000;

/** Logs faults that act, but only counts of them where they would flood the log. */
export class FaultLogger {
  private count = 0;
  private timer: Timer | undefined;

  /** @param prefix of the connections' numbers, to tell workers apart */
  constructor(
    private readonly log: Pick<Log, "note" | "warn">,
    private readonly prefix = "",
  ) {}

  acted({ id: number, fault, offset }: FaultEvent): void {
    this.count += 1;
    this.timer ??= setTimeout(() => this.end(), PERIOD);
    if (this.count > TOLD_MOST) return;
    const id = this.prefix === "" ? number : this.prefix + number;
    const message = `#${id} ${fault}: acts at byte ${offset}`;
    this.log.note("fault", message, { id, fault, offset });
  }

  /** Ends the period, if there is one. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const more = this.count - TOLD_MOST;
    this.count = 0;
    if (more <= 0) return;
    const message = `faults acted ${plural(more, "more time")}; not told one by one`;
    this.log.warn("faults-summed", message, { count: more });
  }
}
