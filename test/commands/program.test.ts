import { describe, expect, test } from "bun:test";

import { GROUPS as CHECK } from "../../src/commands/check/flags.ts";
import { GROUPS as CLIENT } from "../../src/commands/client/flags.ts";
import { GROUPS as LEARN } from "../../src/commands/learn/flags.ts";
import { GROUPS as LOAD } from "../../src/commands/load/flags.ts";
import { GROUPS as PROXY } from "../../src/commands/proxy/flags.ts";
import { GROUPS as REPORT } from "../../src/commands/report/flags.ts";
import { GROUPS as SERVER } from "../../src/commands/server/flags.ts";
import { GROUPS as TRIAL } from "../../src/commands/trial/flags.ts";
import { wholeProgram } from "../../src/commands/program.ts";
import type { DocumentedCommand } from "../../src/commands/shared/documented-command.ts";
import type { Group } from "../../src/commands/shared/group.ts";
import { run, sounder } from "../support/cli.ts";

const COMMANDS: [name: string, groups: readonly Group[]][] = [
  ["server", SERVER],
  ["client", CLIENT],
  ["load", LOAD],
  ["check", CHECK],
  ["proxy", PROXY],
  ["trial", TRIAL],
  ["learn", LEARN],
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

const commands = (await wholeProgram()).commands as DocumentedCommand[];

test.each(commands.map((command) => [command.name(), command] as const))(
  "sounder %s --help has its examples before its flags, in 80 columns",
  async (name, command) => {
    const { stdout, stderr, status } = await run(sounder(name, "--help"));
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const [usage, description, examples, ...rest] = stdout.split("\n\n");
    expect(usage).toStartWith(`Usage: sounder ${name}`);
    expect(description).not.toBe("");
    expect(command.shown).not.toEqual([]);
    expect(examples).toStartWith("Examples:\n  ");
    const words = examples!.replaceAll(/\s+/g, " ");
    for (const [line, meaning = ""] of command.shown) {
      expect(words).toContain(`${line} ${meaning}`.trim().replace(/ +/g, " "));
    }
    expect(rest.join("\n\n")).not.toContain("Examples:");
    const wide = stdout.split("\n").filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  },
);

test("the help tells every command, each in one line", async () => {
  const { stdout } = await run(sounder("--help"));
  const [, list = ""] = stdout.split("\nCommands:\n");
  const lines = list.trimEnd().split("\n");
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ...commands.map((command) => [command.name(), command.summary()]),
    ["help", "what a command can do"],
  ]);
});
