import { localTime } from "./local-time.ts";

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * Local time as C's ctime(3) prints it, without its newline: English names and
 * a blank-padded day, whatever the locale; `TZ` as C reads it.
 */
export function ctime(time: Date): string {
  const local = localTime(time.getTime());
  const two = (value: number) => String(value).padStart(2, "0");
  return (
    `${DAYS[local.weekday]} ${MONTHS[local.month]} ` +
    `${String(local.day).padStart(2)} ${two(local.hour)}:` +
    `${two(local.minute)}:${two(local.second)} ${local.year}`
  );
}

/** Keeps a stamp, as STAMP_FORM has it, at the head of a buffer, rebuilt when the second changes. */
export class Stamper {
  private second = NaN;

  constructor(
    private readonly target: Buffer,
    private readonly now: () => number = Date.now,
  ) {}

  refresh(): void {
    const now = this.now();
    // A bitwise floor would overflow in 2038; a clock set back is a change too.
    const second = Math.floor(now / 1000);
    if (second === this.second) return;
    this.second = second;
    this.target.write(`[${ctime(new Date(now))}] `, 0, "latin1");
  }
}
