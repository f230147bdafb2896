import type { Endpoint } from "../../address/endpoint.ts";
import { approachOf } from "../shared/approach.ts";
import { runnable, type Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { interrupted } from "../shared/signals.ts";
import { targetArgument } from "../shared/target.ts";
import { GROUPS } from "./flags.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder client", "a conversation with localhost:21567"],
  ["sounder client 192.0.2.7:8007 < photo.jpg > copy.jpg"],
  [
    "sounder client --verify < photo.jpg",
    "is every byte the same? (raw servers)",
  ],
  ["sounder client --trace", "watch the steps of the connection"],
  ["sounder client --retry-for 10s", "wait for a server that is starting"],
];

export const client: Runnable = runnable(
  targetArgument(new DocumentedCommand("client"))
    .summary("send standard input, print what comes back")
    .description(
      "At a terminal: a line is sent, the answer is printed; an empty line or " +
        "Ctrl-D ends it.\nOtherwise: streams standard input, finishes at its " +
        "end (half-close), and ends when the server has finished.",
    )
    .examples(EXAMPLES),
  GROUPS,
  async (target: Endpoint | undefined, flags) => {
    const ended = interrupted();
    const approach = approachOf(flags, target);
    const { talk } = await import("./run.ts");
    return Promise.race([ended, talk(target, approach, flags)]);
  },
);
