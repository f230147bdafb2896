/**
 * What is typed, as text for readline, and back as the bytes that it was.
 * Readline decodes UTF-8, and ends a line at U+2028, too: bytes that it would
 * change are each a character of Unicode's private use area meanwhile, as in
 * MirBSD's encoding of the same purpose.
 */

/** The stand-in for byte 0x00; only those from 0x80 on are used. */
const STAND_INS = 0xef00;

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What readline would not give back, stand-ins that somebody types among it. */
const CHANGED = /[\u2028\u2029\uef80-\uefff]/;

function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = STRICT.decode(bytes);
    return CHANGED.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Bytes of the character that begins with `byte`; 1 where none does. */
function lengthAfter(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** Makes text of bytes as they come, whose characters may be split. */
export class TypedDecoder {
  private rest: Uint8Array = new Uint8Array();

  write(chunk: Uint8Array): string {
    const bytes = Buffer.concat([this.rest, chunk]);
    this.rest = bytes.subarray(bytes.length);
    const all = decoded(bytes);
    if (all !== undefined) return all;
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const length = lengthAfter(bytes[at]!);
      const character = bytes.subarray(at, at + length);
      if (character.length < length && isContinued(character)) {
        this.rest = character;
        break;
      }
      const known = decoded(character);
      text += known ?? String.fromCharCode(STAND_INS + bytes[at]!);
      at += known === undefined ? 1 : length;
    }
    return text;
  }
}

/** Whether all but the first byte could be a character's next ones. */
function isContinued(bytes: Uint8Array): boolean {
  return bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
}

/** The bytes that were typed. */
export function encodeTyped(text: string): Buffer {
  return Buffer.concat(
    text
      .split(/([\uef80-\uefff])/)
      .map((part) =>
        part !== "" && CHANGED.test(part)
          ? Buffer.of(part.charCodeAt(0) - STAND_INS)
          : Buffer.from(part),
      ),
  );
}
