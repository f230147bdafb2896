/**
 * `[Sun Nov  1 09:05:07 2026] `, as a stamping server puts it before a chunk:
 * the 24 characters of ctime(3), brackets, a space. `A` is a letter, `0` a
 * digit, `_` a digit or a blank, and the rest is itself.
 */
export const STAMP_FORM = "[AAA AAA _0 00:00:00 0000] ";

/** Bytes, all of them ASCII. */
export const STAMP_LENGTH = STAMP_FORM.length;

/** The byte that it begins with. */
export const STAMP_OPENING = STAMP_FORM.charCodeAt(0);
