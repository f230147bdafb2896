import { isatty } from "node:tty";

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

/** Whether nobody asked for plain text: see https://no-color.org. */
export function controlsWanted(): boolean {
  return process.env["TERM"] !== "dumb" && !process.env["NO_COLOR"];
}

export function screenOf(fd: 1 | 2): Screen {
  // process.stdout of a pipe would make it non-blocking.
  if (!isatty(fd)) return { columns: COLUMNS, rows: Infinity, controls: false };
  const { columns, rows } = fd === 1 ? process.stdout : process.stderr;
  return {
    // A terminal that was given no size has none.
    columns: columns || COLUMNS,
    rows: rows || Infinity,
    controls: controlsWanted(),
  };
}
