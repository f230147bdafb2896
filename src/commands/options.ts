import { CommanderError, Option } from "commander";

import { type Endpoint, parseEndpoint } from "../socket/endpoint.ts";
import { parseDuration } from "../units.ts";

/** The exit status of a mistake in the command line. */
export const MISTAKE = 2;

/** Makes a parser's complaint a mistake in the command line. */
function argument<T>(
  parse: (text: string) => T,
  name?: string,
): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      const { message } = error as Error;
      throw new CommanderError(
        MISTAKE,
        "sounder.argument",
        name === undefined ? message : `${name}: ${message}`,
      );
    }
  };
}

/** An address to listen on. */
export const listenAddress = argument(parseEndpoint);

/** An address to connect to, where port 0 makes no sense. */
export const targetAddress = argument((text: string): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== "unix" && endpoint.port === 0) {
    throw new RangeError(`"${text}" is not a target: nobody listens on port 0`);
  }
  return endpoint;
});

/** An option whose value is milliseconds, written as `500ms`, `10s` or `2m`. */
export function durationOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser(argument(parseDuration, option.long));
}

export function traceOption(): Option {
  return new Option("--trace", "tell every step of a connection as it happens");
}
