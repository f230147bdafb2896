import { choice, parsed, present } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value < 65_536) return value;
  throw new RangeError(`"${text}" is not a port`);
}

export const GROUPS = [
  group("Page:", {
    port: parsed("--port <port>", "where the page is; 0: a free one", port).or(
      0,
    ),
    open: present("--open", "open it in the browser"),
  }),
  group("Terminal:", {
    terminal: present("--terminal", "in this terminal, without a browser"),
    language: choice(
      "--language <language>",
      "of the sentences in the terminal; a browser has its own",
      ["en", "zh"],
    ),
  }),
] as const;

export type LearnFlags = FlagsOf<typeof GROUPS>;
