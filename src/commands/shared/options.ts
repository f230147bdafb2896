import { type Command, CommanderError, Option } from "commander";

import {
  type Endpoint,
  parseEndpoint,
  parseListenable,
} from "../../address/endpoint.ts";
import {
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from "../../units.ts";

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

/** An address to listen on. */
export const listenAddress = argument(parseListenable);

/** An address to connect to, where port 0 makes no sense. */
export const targetAddress = argument((text: string): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== "unix" && endpoint.port === 0) {
    throw new RangeError(`"${text}" is not a target: nobody listens on port 0`);
  }
  return endpoint;
});

/** The argument of a command that goes to one address. */
export function targetArgument(command: Command): Command {
  return command
    .argument(
      "[address]",
      "HOST:PORT, HOST, PORT, [V6]:PORT, tls://… or unix:PATH (default: localhost:21567)",
      targetAddress,
    )
    .allowExcessArguments()
    .hook("preAction", () => {
      const [address, next, ...more] = command.args;
      if (next === undefined) return;
      // As other programs have it: told how it is written here.
      if (/^\d+$/.test(next) && more.length === 0) {
        targetAddress(`${address} ${next}`);
      }
      command.error(`one address is enough: what is "${next}"?`);
    });
}

/** As durationOption(), but none at all would make no sense. */
export function timeoutOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const parse = (text: string) => {
    const value = parseDuration(text);
    if (value <= 0) throw new RangeError(`"${text}" is no time at all`);
    return value;
  };
  return option.argParser(argument(parse, option.long));
}

/** An option whose value is milliseconds, written as `500ms`, `10s` or `1h30m`. */
export function durationOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser(argument(parseDuration, option.long));
}

export function traceOption(): Option {
  return new Option("--trace", "tell every step of a connection as it happens");
}

function atLeastOne(parse: (text: string) => number) {
  return (text: string): number => {
    const value = parse(text);
    if (value < 1) throw new RangeError(`"${text}" is less than 1`);
    return value;
  };
}

/** An option whose value is a count, at least 1, written as `10k`. */
export function countOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser(argument(atLeastOne(parseCount), option.long));
}

/** An option whose value is messages a second, written as `0.5` or `20k`. */
export function rateOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser(argument(parseRate, option.long));
}

/** An option whose value is bytes, at least 1, written as `16KiB`. */
export function sizeOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser(argument(atLeastOne(parseSize), option.long));
}

/** More than any machine has cores. */
const WORKERS_MAX = 1024;

/** `--workers`: a count, or one for each core. */
export function workersOption(description: string): Option {
  const parse = (text: string) => {
    const value = atLeastOne(parseCount)(text);
    if (value > WORKERS_MAX) {
      throw new RangeError(`"${text}" is more than ${WORKERS_MAX}`);
    }
    return value;
  };
  return new Option("--workers <count>", `${description}, or "auto"`)
    .argParser(
      argument(
        (text) =>
          text === "auto" ? navigator.hardwareConcurrency : parse(text),
        "--workers",
      ),
    )
    .default(1);
}
