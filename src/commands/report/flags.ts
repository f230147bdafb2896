import { present, text } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { HTML_FILE, JSON_FILE } from "../shared/groups.ts";

export const GROUPS = [
  group("Comparison:", {
    compare: present(
      "--compare",
      "set the first against each of the others instead",
    ),
  }),
  JSON_FILE,
  HTML_FILE,
  group("Results:", {
    diagram: text(
      "--diagram <file>",
      "of traces: the picture, as .svg, .html, .mmd or .txt",
    ),
  }),
] as const;

export type ReportFlags = FlagsOf<typeof GROUPS>;
