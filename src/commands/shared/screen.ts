import { isatty, type WriteStream } from "node:tty";

/** Characters in a line where nobody says how many. */
const COLUMNS = 80;

/** What whoever reads standard output or standard error can show. */
export interface Screen {
  /** Characters in a line, lines at once; those of a common terminal if unknown. */
  columns: number;
  rows: number;
  /** Control sequences may be sent: it is a terminal, and they are wanted. */
  controls: boolean;
}

/**
 * Whether the terminal takes control sequences, as far as TERM says, and nobody
 * asked for plain text: see https://no-color.org.
 */
export function controlsWanted(): boolean {
  const { TERM = "", NO_COLOR = "" } = process.env;
  return TERM !== "" && TERM !== "dumb" && NO_COLOR === "";
}

/**
 * The terminal that standard output or standard error is. Where it is none,
 * process.stdout must not even be looked at: see writeTo().
 */
export function terminalAt(fd: 1 | 2): WriteStream | undefined {
  if (!isatty(fd)) return undefined;
  // oxlint-disable-next-line no-restricted-properties
  return fd === 1 ? process.stdout : process.stderr;
}

export function screenOf(fd: 1 | 2): Screen {
  const terminal = terminalAt(fd);
  if (terminal === undefined) {
    return { columns: COLUMNS, rows: Infinity, controls: false };
  }
  const { columns, rows } = terminal;
  return {
    // A terminal that was given no size has none.
    columns: columns || COLUMNS,
    rows: rows || Infinity,
    controls: controlsWanted(),
  };
}
