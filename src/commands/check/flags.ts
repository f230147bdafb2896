import { DEFAULTS } from "../../check/check.ts";
import { parseExpected } from "../../check/expect.ts";
import { CHECK_NAMES } from "../../check/finding.ts";
import { parseNames } from "../../check/names.ts";
import {
  count,
  duration,
  list,
  size,
  text,
  timeLimit,
} from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { APPROACH, HTML_FILE, JSON_FILE } from "../shared/groups.ts";

export const GROUPS = [
  group("Checks:", {
    only: list(
      "--only <checks>",
      "run these alone: names; several",
      parseNames,
    ).suggest(CHECK_NAMES, "joined"),
    skip: list("--skip <checks>", "don't run these; several", parseNames)
      .suggest(CHECK_NAMES, "joined")
      .or([]),
    idle: duration(
      "--idle <duration>",
      "the longest idle time to look for; 0s: don't",
    ).or(DEFAULTS.idle),
    connections: count(
      "--connections <count>",
      "the most connections at once",
    ).or(DEFAULTS.connections),
    lifetime: timeLimit(
      "--lifetime <duration>",
      "hold one so long, to see who ends it (default: don't)",
    ),
    transfer: size(
      "--transfer <size>",
      "bytes to move each way; 0: don't",
      0,
    ).or(DEFAULTS.transfer),
    timeout: timeLimit(
      "--timeout <duration>",
      "for a connection, and for an answer",
    ).or(DEFAULTS.timeout),
  }),
  group("Verdict:", {
    expect: list(
      "--expect <expectation>",
      'fail unless it is so, and look as far: half-close=kept, "idle>350s"; several',
      parseExpected,
    ).or([]),
  }),
  group("Monitor:", {
    every: timeLimit(
      "--every <duration>",
      "again and again, until Ctrl-C: a line each time",
    ),
  }),
  JSON_FILE,
  HTML_FILE,
  group("Results:", {
    label: text("--label <text>", "a name for this run, told in the result"),
  }),
  APPROACH,
] as const;

export type CheckFlags = FlagsOf<typeof GROUPS>;
