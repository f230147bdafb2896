import { InvalidArgumentError, Option } from "commander";

import { type Endpoint, parseEndpoint } from "../socket/endpoint.ts";

/** Makes a parser's complaint a mistake in the command line. */
export function argument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

/** An address to connect to, where port 0 makes no sense. */
export const target = argument((text: string): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== "unix" && endpoint.port === 0) {
    throw new RangeError(`"${text}" has port 0, to which nobody can connect`);
  }
  return endpoint;
});

export function traceOption(): Option {
  return new Option("--trace", "tell every step of a connection as it happens");
}
