import { NAMES, parseChosen } from "../../trial/choose.ts";
import { count, list, present, text, timeLimit } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { APPROACH } from "../shared/groups.ts";

/** How long a run may take where nobody says, in milliseconds. */
const TIMEOUT = 10_000;

export const GROUPS = [
  group("Trial:", {
    only: list(
      "--only <cases>",
      "try these alone: names, or patterns such as reset*; several",
      parseChosen,
    )
      .suggest(NAMES, "joined")
      .or([]),
    skip: list("--skip <cases>", "don't try these; several", parseChosen)
      .suggest(NAMES, "joined")
      .or([]),
    timeout: timeLimit(
      "--timeout <duration>",
      "a run that takes longer has hung",
    ).or(TIMEOUT),
    repeat: count("--repeat <count>", "runs of each case").or(1),
    jobs: count(
      "--jobs <count>",
      "cases at once; those about time run alone (default: one for each core)",
    ),
    seed: count("--seed <number>", "for what depends on chance").or(1),
    input: text(
      "--input <file>",
      "the command's standard input, each time; - is ours (default: none)",
    ),
  }),
  group("Results:", {
    caseList: present("--case-list", "tell all cases, and try none"),
    json: text("--json <file>", "the result as JSON; - is standard output"),
    junit: text("--junit <file>", "the result as JUnit's XML, for CI"),
  }),
  APPROACH,
] as const;

export type TrialFlags = FlagsOf<typeof GROUPS>;
