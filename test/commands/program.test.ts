import { describe, expect, test } from "bun:test";

import { GROUPS as CLIENT } from "../../src/commands/client/flags.ts";
import { GROUPS as LOAD } from "../../src/commands/load/flags.ts";
import { GROUPS as REPORT } from "../../src/commands/report/flags.ts";
import { GROUPS as SERVER } from "../../src/commands/server/flags.ts";
import { GROUPS as TRIAL } from "../../src/commands/trial/flags.ts";
import type { Group } from "../../src/commands/shared/group.ts";
import { run, sounder } from "../support/cli.ts";

const COMMANDS: [name: string, groups: readonly Group[]][] = [
  ["server", SERVER],
  ["client", CLIENT],
  ["load", LOAD],
  ["trial", TRIAL],
  ["report", REPORT],
];

describe.each(COMMANDS)("the flags of sounder %s", (name, groups) => {
  const flags = groups.flatMap((group) => Object.entries(group.flags));

  test("are called as their values are, each once", () => {
    const names = flags.map(([called]) => called);
    expect(names).toEqual(flags.map(([, flag]) => flag.attributeName()));
    expect(names).toEqual([...new Set(names)]);
  });

  test("stand in the help in groups, with their defaults", async () => {
    const { stdout } = await run(sounder(name, "--help"));
    const help = stdout.replace(/\s+/g, " ");
    for (const [, flag] of flags) {
      expect(flag.helpGroupHeading).toMatch(/^[A-Z].+:$/);
      expect(stdout).toContain(`\n${flag.helpGroupHeading}\n`);
      expect(help).toContain(` ${flag.flags} ${flag.description}`);
      if (flag.long!.startsWith("--no-")) continue;
      if (flag.defaultValue === undefined) continue;
      expect(help).toContain(`default: ${flag.defaultValueDescription})`);
    }
  });
});
