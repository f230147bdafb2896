import { printable } from "../report/numbers.ts";

// Nobody reads it any more: no reason to stop serving.
process.stderr.on("error", () => {});

/** One line to a person: standard error, since results go to standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What went wrong, which may quote a file or a peer, in one line. */
export function complain(message: string): void {
  say(`sounder: ${printable(message)}`);
}
