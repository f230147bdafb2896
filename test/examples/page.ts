/**
 * Console examples of a page. A comment before a block says what is to run
 * around it, a line each:
 *
 *     <!-- example
 *     given: sounder server --reply raw 127.0.0.1:8007
 *     -->
 *
 * - `set-up`: a shell command that is run before, in an empty folder
 * - `given`: what runs meanwhile, and says that it listens; `alone`: what is
 *   given for the whole page does not run
 * - `meanwhile`: a shell command, once what the block starts is listening
 * - `type`: lines for a terminal, as JSON: what the block starts runs in one
 * - `needs`: a program
 * - `file`: what the block of code before it is called; `script`: that block is
 *   what is run
 * - `figures: any`: of numbers only the shape is compared
 * - `skip`: why it can't be run here
 *
 * `examples` in place of `example` holds for all blocks of the page. A remark
 * behind a command (`     # reset after 3`) is the fault of a proxy, from 8008 to
 * 8007 if `proxy` says no other, where the page says `remarks: faults`.
 */
export interface Example {
  /** Of the block, in the page. */
  line: number;
  commands: Command[];
  directions: Directions;
  /** The block of code before it, of whatever language; behind it, if none is. */
  code: string;
}

export interface Command {
  text: string;
  remark: string | undefined;
  shown: string[];
}

export interface Directions {
  "set-up": string[];
  given: string[];
  meanwhile: string[];
  type: string[];
  needs: string[];
  figures: string[];
  remarks: string[];
  skip: string[];
  file: string[];
  script: string[];
  proxy: string[];
  alone: string[];
}

const NONE: Directions = {
  "set-up": [],
  given: [],
  meanwhile: [],
  type: [],
  needs: [],
  figures: [],
  remarks: [],
  skip: [],
  file: [],
  script: [],
  proxy: [],
  alone: [],
};

const BLOCK =
  /(?:^<!-- example\n(?<own>(?:.*\n)*?)-->\n\n?)?^```console\n(?<body>(?:.*\n)*?)^```$/gm;
const CODE = /^```(?!console)\w+\n((?:.*\n)*?)```$/gm;
const OF_ALL = /^<!-- examples\n((?:.*\n)*?)-->$/m;

/** @throws Error at a direction that is not known */
export function examplesIn(page: string): Example[] {
  const common = directionsIn(OF_ALL.exec(page)?.[1] ?? "", NONE);
  return Array.from(page.matchAll(BLOCK), ({ groups, index, 0: block }) => {
    const above = page.slice(0, index + block.indexOf("```console"));
    const directions = directionsIn(groups!["own"] ?? "", common);
    const below = page.slice(index + block.length);
    const code =
      [...above.matchAll(CODE)].at(-1)?.[1] ??
      [...below.matchAll(CODE)][0]?.[1];
    const body = groups!["body"]!;
    const shown = directions.script.length > 0 ? `$ .\n${body}` : body;
    return {
      line: above.split("\n").length,
      commands: commandsIn(shown),
      directions,
      code: code ?? "",
    };
  });
}

/** A shell's way to run the script of an example. */
export const SCRIPT = ".";

function directionsIn(text: string, common: Directions): Directions {
  const directions = structuredClone(common);
  if (/^alone:/m.test(text)) directions.given = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const [, name, value] = /^([\w-]+): (.+)$/.exec(line) ?? [];
    if (name === undefined || !Object.hasOwn(NONE, name)) {
      throw new Error(`no direction for an example: ${line}`);
    }
    directions[name as keyof Directions].push(value!);
  }
  return directions;
}

function commandsIn(body: string): Command[] {
  const commands: Command[] = [];
  for (const line of body.trimEnd().split("\n")) {
    const [, text, remark] = /^\$ (.*?)(?: {3,}# (.*))?$/.exec(line) ?? [];
    if (text !== undefined) commands.push({ text, remark, shown: [] });
    else commands.at(-1)?.shown.push(line);
  }
  return commands;
}
