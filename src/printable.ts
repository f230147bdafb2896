/**
 * Text that others wrote (peers, certificates, files, the system), made safe to
 * show: it can neither move the cursor, colour the screen, begin a line of its
 * own, nor hide or reverse what stands beside it.
 */

/** Controls, invisible format characters, line separators, lone surrogates. */
const UNSAFE = "\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}";

/** What joins two pictures into one, as in 👩‍🚀: nothing is hidden by it. */
const JOINER =
  "(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d" +
  "(?=\\p{Extended_Pictographic})";

const UNSAFE_IN_LINE = new RegExp(`(?!${JOINER})[${UNSAFE}]`, "gu");
const UNSAFE_IN_LINES = new RegExp(`(?!${JOINER}|[\\n\\t])[${UNSAFE}]`, "gu");
const UNSAFE_IN_JSON = new RegExp(`(?!\\n)[${UNSAFE}]`, "gu");

const NAMES: Record<string, string> = { "\n": "\\n", "\t": "\\t" };

function named(character: string): string {
  const code = character.codePointAt(0)!;
  const digits = code.toString(16);
  if (code < 0x100) return NAMES[character] ?? `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}

/** One line: what could do harm is spelled out, as `\x1b`, `\u202e`, `\n`. */
export function printable(text: string): string {
  return text.replace(UNSAFE_IN_LINE, named);
}

/** As printable(), of lines: newlines and tabs stay what they are. */
export function printableLines(text: string): string {
  return text.replace(UNSAFE_IN_LINES, named);
}

/** The same JSON, in which a terminal finds nothing to obey. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
