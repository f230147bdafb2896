import { plural } from "../../../units.ts";

/** What was done to bytes that came back other than they were sent. */
export type Kind =
  "changed" | "lost" | "repeated" | "reordered" | "added" | "other";

/** The first difference of a stream that was sent, and what came back. */
export interface Difference {
  /** Of the first wrong byte, in what was sent. */
  offset: number;
  kind: Kind;
  /** As in "at byte 10, …". */
  text: string;
  /** Bytes from there on, in hexadecimal. */
  sent: string;
  got: string;
}

/** Bytes that a place in the stream is known by, and the fewest that will do. */
const SAMPLE = 12;
const SAMPLE_LEAST = 6;
/** Bytes that are shown. */
const SHOWN = 16;

export const byteName = (value: number) =>
  `0x${value.toString(16).padStart(2, "0")}`;

/**
 * @param stream all that was sent
 * @param offset where it is another byte than what came
 * @param got what came instead, from that byte on
 */
export function differenceAt(
  stream: Buffer,
  offset: number,
  got: Buffer,
): Difference {
  const sent = stream.subarray(offset);
  const found = translated(stream, offset, got) ?? moved(stream, offset, got);
  return {
    offset,
    ...found,
    sent: sent.subarray(0, SHOWN).toString("hex"),
    got: got.subarray(0, SHOWN).toString("hex"),
  };
}

type Found = Pick<Difference, "kind" | "text">;

/** Where several bytes are other ones by the same rule. */
function allBy(
  sent: Buffer,
  got: Buffer,
  rule: (byte: number) => number,
): boolean {
  const length = Math.min(sent.length, got.length, 64);
  for (let at = 0; at < length; at += 1) {
    if (got[at] !== rule(sent[at]!)) return false;
  }
  return length >= SAMPLE_LEAST;
}

const isUpper = (byte: number) => byte >= 0x41 && byte <= 0x5a;
const isLower = (byte: number) => byte >= 0x61 && byte <= 0x7a;

/** What programs do to texts, and byte streams must not be given to. */
function translated(
  stream: Buffer,
  offset: number,
  got: Buffer,
): Found | undefined {
  const sent = stream.subarray(offset, offset + 256);
  const [first = -1, second = -1] = sent;
  const changed = (text: string): Found => ({ kind: "changed", text });
  const starts = (...bytes: number[]) => got.indexOf(Buffer.from(bytes)) === 0;

  if (first === 0x0a && starts(0x0d, 0x0a)) {
    return { kind: "added", text: "an end of line, LF, became CR LF" };
  }
  if (first === 0x0d && second === 0x0a && starts(0x0a)) {
    return { kind: "lost", text: "an end of line, CR LF, became LF" };
  }
  if (first === 0x0d && starts(0x0a)) return changed("CR became LF");
  if (first === 0x0a && starts(0x0d)) return changed("LF became CR");
  if (first >= 0x80) {
    if (allBy(sent, got, (byte) => byte & 0x7f)) {
      return changed(
        "the 8th bit is cleared: the path carries 7-bit text only",
      );
    }
    if (starts(...Buffer.from(String.fromCharCode(first)))) {
      return changed("bytes were read as Latin-1, and written as UTF-8");
    }
    if (starts(0xef, 0xbf, 0xbd)) {
      return changed("bytes were read as UTF-8: others became U+FFFD");
    }
    if (starts(0x3f)) return changed("bytes above 0x7f became question marks");
  }
  const isDoubled = stream[offset - 1] === 0xff && starts(0xff, first);
  if (isDoubled) {
    return { kind: "added", text: "0xff was doubled, as Telnet does" };
  }
  const upper = (byte: number) => (isLower(byte) ? byte - 0x20 : byte);
  const lower = (byte: number) => (isUpper(byte) ? byte + 0x20 : byte);
  if (isLower(first) && allBy(sent, got, upper)) {
    return changed("letters became upper case");
  }
  if (isUpper(first) && allBy(sent, got, lower)) {
    return changed("letters became lower case");
  }
  return undefined;
}

/** Bytes from another place of the stream, or from none. */
function moved(stream: Buffer, offset: number, got: Buffer): Found {
  const sent = stream.subarray(offset);
  const [first = -1] = sent;
  const rest = got.subarray(1, 1 + SAMPLE);
  if (sent.length > 0 && rest.equals(sent.subarray(1, 1 + rest.length))) {
    const bits = (got[0]! ^ first).toString(2).padStart(8, "0");
    const values = `sent ${byteName(first)}, got ${byteName(got[0]!)}`;
    return {
      kind: "changed",
      text: `a byte was changed: ${values} (bits ${bits})`,
    };
  }
  const sample = got.subarray(0, SAMPLE);
  if (sample.length >= SAMPLE_LEAST) {
    const ahead = sent.indexOf(sample);
    if (ahead > 0) {
      const skipped = sent.subarray(0, Math.min(ahead, SAMPLE));
      const bytes = plural(ahead, "byte");
      if (skipped.length >= SAMPLE_LEAST && got.includes(skipped)) {
        return {
          kind: "reordered",
          text: `${bytes} came later than they should`,
        };
      }
      const value = ahead === 1 ? ` (${byteName(first)})` : "";
      return { kind: "lost", text: `${bytes}${value} did not come back` };
    }
    const behind = stream.lastIndexOf(sample, Math.max(offset - 1, 0));
    if (behind >= 0 && behind < offset) {
      const bytes = plural(offset - behind, "byte");
      return { kind: "repeated", text: `the ${bytes} before came twice` };
    }
  }
  if (sent.length === 0) {
    return { kind: "added", text: "more came back than was sent" };
  }
  const added = got.indexOf(sent.subarray(0, SAMPLE));
  if (added > 0) {
    const bytes = plural(added, "byte");
    return { kind: "added", text: `${bytes} came that had not been sent` };
  }
  const values = `sent ${byteName(first)}, got ${byteName(got[0]!)}`;
  return { kind: "other", text: `other bytes came: ${values}` };
}
