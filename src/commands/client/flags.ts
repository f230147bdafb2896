import { Command } from "commander";

import type { Endpoint } from "../../address/endpoint.ts";
import { approachOptions, readApproach } from "../shared/approach.ts";
import {
  durationOption,
  targetArgument,
  timeoutOption,
  traceOption,
} from "../shared/options.ts";
import type { TalkFlags } from "./run.ts";

const EXAMPLES = `
Examples:
  sounder client                        a conversation with localhost:21567
  sounder client 192.0.2.7:8007 < photo.jpg > copy.jpg
  sounder client --verify < photo.jpg   is every byte the same? (raw servers)
  sounder client --trace                watch the steps of the connection
  sounder client --retry-for 10s        wait for a server that is starting
`;

/** The exit status after Ctrl-C: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

export function clientCommand(finish: (status: number) => void): Command {
  const command = new Command("client")
    .summary("send standard input, print what comes back")
    .description(
      "At a terminal: a line is sent, the answer is printed; an empty line or " +
        "Ctrl-D ends it.\nOtherwise: streams standard input, finishes at its " +
        "end (half-close), and ends when the server has finished.",
    )
    .option("--verify", "compare what comes back with what was sent")
    .addOption(traceOption())
    .addOption(
      timeoutOption(
        "--connect-timeout <duration>",
        "give up connecting after",
      ).default(10_000, "10s"),
    )
    .addOption(
      timeoutOption(
        "--timeout <duration>",
        "fail when nothing came back for so long (default: wait)",
      ),
    )
    .addOption(
      durationOption(
        "--retry-for <duration>",
        "try again to connect for so long",
      ).default(0, "0s"),
    );
  return approachOptions(targetArgument(command))
    .addHelpText("after", EXAMPLES)
    .action(async (endpoint: Endpoint | undefined, flags: TalkFlags) => {
      process.once("SIGINT", () => finish(INTERRUPTED));
      const approach = readApproach(flags, endpoint, command);
      const { talk } = await import("./run.ts");
      finish(await talk(endpoint, approach, flags));
    });
}
