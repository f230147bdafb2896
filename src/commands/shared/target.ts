import type { Command } from "commander";

import { type Endpoint, parseEndpoint } from "../../address/endpoint.ts";
import { argument, mistake } from "./mistake.ts";

/** An address to connect to, where port 0 makes no sense. */
export const targetAddress = argument((text: string): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== "unix" && endpoint.port === 0) {
    throw new RangeError(`"${text}" is not a target: nobody listens on port 0`);
  }
  return endpoint;
});

/** How an address is written. */
export const ADDRESSES =
  "HOST:PORT, HOST, :PORT, PORT, [V6]:PORT, tls://…, unix:PATH or unix:@NAME";

/** The argument of a command that goes to one address. */
export function targetArgument<Some extends Command>(command: Some): Some {
  return command
    .argument(
      "[address]",
      `${ADDRESSES} (default: localhost:21567)`,
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
      throw mistake(`one address is enough: what is "${next}"?`);
    });
}
