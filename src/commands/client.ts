import { Command } from "commander";

import { connect } from "../client/connect.ts";
import type { Endpoint } from "../socket/endpoint.ts";
import { Tracer } from "../socket/trace.ts";
import { durationOption, targetAddress, traceOption } from "./options.ts";
import { say } from "./say.ts";
import { stream } from "./stream.ts";

const EXAMPLES = `
Examples:
  sounder client                        a conversation with localhost:21567
  sounder client 192.0.2.7:8007 < photo.jpg > copy.jpg
  sounder client --verify < photo.jpg   is every byte the same? (raw servers)
  sounder client --trace                watch the steps of the connection
  sounder client --retry-for 10s        wait for a server that is starting
`;

export interface ClientFlags {
  verify?: true;
  trace?: true;
  connectTimeout: number;
  timeout?: number;
  retryFor: number;
}

export function clientCommand(finish: (status: number) => void): Command {
  return new Command("client")
    .summary("send standard input, print what comes back")
    .description(
      "At a terminal: a line is sent, the answer is printed; an empty line or " +
        "Ctrl-D ends it.\nOtherwise: streams standard input, finishes at its " +
        "end (half-close), and ends when the server has finished.",
    )
    .argument("[address]", "HOST:PORT, HOST, PORT or unix:PATH", targetAddress)
    .option("--verify", "compare what comes back with what was sent")
    .addOption(traceOption())
    .addOption(
      durationOption(
        "--connect-timeout <duration>",
        "give up connecting after",
      ).default(10_000, "10s"),
    )
    .addOption(
      durationOption(
        "--timeout <duration>",
        "fail when nothing came back for so long (default: wait)",
      ),
    )
    .addOption(
      durationOption(
        "--retry-for <duration>",
        "try again to connect for so long",
      ).default(0, "0s"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (endpoint: Endpoint | undefined, flags: ClientFlags) => {
      finish(await talk(endpoint, flags));
    });
}

async function talk(
  endpoint: Endpoint | undefined,
  flags: ClientFlags,
): Promise<number> {
  const connection = await connect(endpoint, {
    timeout: flags.connectTimeout,
    retryFor: flags.retryFor,
    ...(flags.trace && { trace: new Tracer("client", say) }),
  });
  if (!process.stdin.isTTY || flags.verify) return stream(connection, flags);
  const { converse } = await import("./terminal.ts");
  return converse(connection, flags);
}
