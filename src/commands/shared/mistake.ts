import { CommanderError } from "commander";

/** The exit status of a mistake in the command line. */
export const MISTAKE = 2;

/** A mistake in the command line that its parser can't see. */
export function mistake(message: string): CommanderError {
  return new CommanderError(MISTAKE, "sounder.argument", message);
}

/** Makes a parser's complaint a mistake in the command line. */
export function argument<T>(
  parse: (text: string) => T,
  name?: string,
): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      const { message } = error as Error;
      throw mistake(name === undefined ? message : `${name}: ${message}`);
    }
  };
}
