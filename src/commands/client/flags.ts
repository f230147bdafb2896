import { duration, present, timeLimit } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { APPROACH, TRACE } from "../shared/groups.ts";

const EXCHANGE = group("Exchange:", {
  verify: present("--verify", "compare what comes back with what was sent"),
  connectTimeout: timeLimit(
    "--connect-timeout <duration>",
    "give up connecting after",
  ).or(10_000),
  timeout: timeLimit(
    "--timeout <duration>",
    "fail when nothing came back for so long (default: wait)",
  ),
  retryFor: duration(
    "--retry-for <duration>",
    "try again to connect for so long",
  ).or(0),
});

const BOTH_SIDES = group("Pictures:", {
  bothSides: present(
    "--both-sides",
    "draw the server's side, too, as one that cooperates tells it",
  ),
});

export const GROUPS = [EXCHANGE, APPROACH, TRACE, BOTH_SIDES] as const;

export type ClientFlags = FlagsOf<typeof GROUPS>;
