import { SounderError } from "../errors/errors.ts";
import { plural } from "../units.ts";
import { HALF_CLOSE } from "./progress.ts";
import { INFO_OPENING } from "../protocol/info.ts";
import { STAMP_OPENING } from "../protocol/stamp/form.ts";

/**
 * Bytes sent and not yet seen again that are kept for comparison. A server that
 * answers only at the end of its input holds more than that, and stalls here.
 */
export const WINDOW = 64 * 1024 * 1024;

/** Why an answer differs from its first byte on. */
const STAMPS = "; the server stamps: it wants --reply raw";
const TELLS = "; the server tells of itself first: it wants --reply raw";

/** So many bytes are nobody's by chance. */
const SURE = 4;

/** Whether they begin as `--reply info` does, as far as they are there. */
function tellsOfItself(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, INFO_OPENING.length);
  const text = Buffer.from(start).toString("latin1");
  return text.length >= SURE && INFO_OPENING.startsWith(text);
}

const byte = (value: number) => `0x${value.toString(16).padStart(2, "0")}`;

/**
 * Compares what comes back with what was sent, as it comes: it keeps views of
 * what is under way and nothing else.
 */
export class Verifier {
  /** Bytes seen again, all of them right. */
  verified = 0;
  private readonly expected: Uint8Array[] = [];
  private outstanding = 0;
  private room: (() => void) | undefined;

  /** @param target how messages name the server */
  constructor(private readonly target: string) {}

  /** To be called before `bytes` are written: the answer may be quick. */
  async sending(bytes: Uint8Array): Promise<void> {
    this.expected.push(bytes);
    this.outstanding += bytes.length;
    if (this.outstanding <= WINDOW) return;
    await new Promise<void>((resolve) => {
      this.room = resolve;
    });
  }

  /** @throws SounderError `EMISMATCH` or `ESURPLUS` with the byte's offset */
  received(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      const first = this.expected[0];
      if (first === undefined) throw this.surplus(rest);
      const length = Math.min(first.length, rest.length);
      const want = first.subarray(0, length);
      const got = rest.subarray(0, length);
      if (Buffer.compare(want, got) !== 0) throw this.mismatch(want, got);
      this.verified += length;
      this.outstanding -= length;
      rest = rest.subarray(length);
      if (length === first.length) this.expected.shift();
      else this.expected[0] = first.subarray(length);
    }
    if (this.outstanding <= WINDOW) this.room?.();
  }

  /**
   * To be called when both ends have finished.
   * @throws SounderError `EMISSING` if the answer was too short
   */
  finished(): void {
    if (this.outstanding === 0) return;
    throw new SounderError(
      `wrong answer from ${this.target}: it ends at offset ${this.verified}, ` +
        `${plural(this.outstanding, "byte")} short${HALF_CLOSE}`,
      "EMISSING",
    );
  }

  private mismatch(want: Uint8Array, got: Uint8Array): SounderError {
    let at = 0;
    while (want[at] === got[at]) at += 1;
    const offset = this.verified + at;
    const stamped =
      offset === 0 && got[0] === STAMP_OPENING && want[0] !== STAMP_OPENING;
    const tells = offset === 0 && tellsOfItself(got);
    const hint = stamped ? STAMPS : tells ? TELLS : "";
    return new SounderError(
      `wrong answer from ${this.target}: the first difference is at offset ` +
        `${offset}: sent ${byte(want[at]!)}, got ${byte(got[at]!)}${hint}`,
      "EMISMATCH",
    );
  }

  private surplus(rest: Uint8Array): SounderError {
    const tells = this.verified === 0 && tellsOfItself(rest);
    const hint = tells ? TELLS : "";
    return new SounderError(
      `wrong answer from ${this.target}: from offset ${this.verified} on there ` +
        `is more than was sent, beginning with ${byte(rest[0]!)}${hint}`,
      "ESURPLUS",
    );
  }
}
