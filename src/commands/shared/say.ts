import { printable } from "../../printable.ts";
import { plural } from "../../units.ts";
import { Backlog } from "./backlog.ts";
import { writeTo } from "./write.ts";

/** All that is said, since results go to standard output. */
export const said = new Backlog({
  // Where nobody reads it any more, that is no reason to stop serving.
  write: (text, taken) => void writeTo(2, text).then(taken, taken),
});
said.onLeftOut = (count) =>
  say(`${plural(count, "line")} left out here: nobody read them in time`);

/** One line to a person, whatever of it others wrote. */
export function say(line: string): void {
  said.add(printable(line));
}

/** What went wrong. */
export function complain(message: string): void {
  say(`sounder: ${message}`);
}
