import type { Endpoint } from "../../address/endpoint.ts";
import { runnable, type Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { targetArgument } from "../shared/target.ts";
import { GROUPS } from "./flags.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder check lb.example:7", "what does this path do to a connection?"],
  ["sounder check tls://lb.example:7 --html path.html", "a report to look at"],
  ['sounder check lb.example:7 --expect half-close=kept --expect "idle>350s"'],
  [
    "sounder check lb.example:7 --every 5m --json - --idle 0s",
    "a line each time",
  ],
  ['sounder check lb.example:7 --only "reset*,half-close"'],
];

const NOTES =
  "Any echo server will do at the other end; `sounder server --cooperate` tells what only the other end can see.";

export const check: Runnable = runnable(
  targetArgument(
    new DocumentedCommand("check")
      .summary("examine the path to a server: what does it do to a connection?")
      .description(
        "Examines the path to an echo server, in plain words: half-close, " +
          "resets, idle times, who ends TCP or TLS, MTU holes, limits, " +
          "backends. Exits with 1 if bytes were altered, the server can't be " +
          "examined, or an expectation is missed.",
      )
      .examples(EXAMPLES)
      .notes(NOTES),
  ),
  GROUPS,
  async (target: Endpoint | undefined, flags) => {
    const { checkPath } = await import("./run.ts");
    return checkPath(target, flags);
  },
);
