/** The files that results are written to. */
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { codeOf, failure, Reason } from "../../errors/errors.ts";
import { mistake } from "./mistake.ts";
import { output } from "./output.ts";

/** Writes a whole file; `-` is standard output. */
export type Write = (text: string) => Promise<void>;

const STDIN = 0;
const STDOUT = 1;

/**
 * Opens the files that flags name, before the work whose results go there: a
 * path that can't be written is known at once. They keep what is in them until
 * there is a result, since work may fail: then none is left that was not there.
 *
 * Two names of one file (links, `./x` and `x`) are a mistake: of two results
 * only the second would be left.
 *
 * @param flags paths by flag, without its dashes; `-` is standard output
 * @param inputs paths of files that were read; `-` is standard input
 * @throws CommanderError where two are one file
 * @throws SounderError that names what can't be written
 */
export function openOutputs<Flag extends string>(
  flags: Record<Flag, string | undefined>,
  inputs: readonly string[] = [],
): Outputs<Flag> {
  const claims = new Claims();
  for (const input of inputs) claims.input(input);
  const given = Object.entries(flags).filter(
    (entry): entry is [Flag, string] => entry[1] !== undefined,
  );
  const outputs = new Outputs<Flag>();
  try {
    for (const [flag, path] of given) {
      if (path === "-") {
        claims.standardOutput(`--${flag}`);
        outputs.writes[flag] = output;
        continue;
      }
      const file = new OutputFile(path);
      outputs.add(flag, file);
      claims.output(`--${flag} ${path}`, file.stats);
    }
    claims.page();
  } catch (error) {
    outputs[Symbol.dispose]();
    throw error;
  }
  return outputs;
}

/** The files that flags named; disposed of, those are gone that got no result. */
class Outputs<Flag extends string> implements Disposable {
  readonly writes: Partial<Record<Flag, Write>> = {};
  private readonly files: OutputFile[] = [];

  add(flag: Flag, file: OutputFile): void {
    this.files.push(file);
    this.writes[flag] = (text) => file.write(text);
  }

  [Symbol.dispose](): void {
    for (const file of this.files) file.abandon();
  }
}

const BIG = { bigint: true } as const;

/** A file that is written once, or not at all. */
class OutputFile {
  private readonly file: number;
  private readonly created: boolean;
  private used = false;
  readonly stats: BigIntStats;

  constructor(private readonly path: string) {
    try {
      this.created = !existsSync(path);
      this.file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
      this.stats = fstatSync(this.file, BIG);
    } catch (error) {
      // The file itself would have been made.
      const why =
        codeOf(error) === "ENOENT" && !existsSync(dirname(path))
          ? new Reason("ENOENT", "no such folder")
          : error;
      throw failure(`cannot write ${path}`, why);
    }
  }

  async write(text: string): Promise<void> {
    this.used = true;
    try {
      // A pipe or a device has nothing to cut.
      if (this.stats.isFile()) ftruncateSync(this.file);
      writeFileSync(this.file, text);
      closeSync(this.file);
    } catch (error) {
      throw failure(`cannot write ${this.path}`, error);
    }
  }

  /** Leaves nothing behind that was not there before, unless it was written. */
  abandon(): void {
    if (this.used) return;
    closeSync(this.file);
    if (!this.created) return;
    try {
      // Not the link that may have led there.
      unlinkSync(realpathSync(this.path));
    } catch {
      // Under its other name it is gone already.
    }
  }
}

/** Which file is what, by device and inode. */
class Claims {
  private readonly inputs = new Map<string, string>();
  private readonly outputs = new Map<string, string>();
  /** The flag whose file standard output is. */
  private onStandardOutput: string | undefined;

  input(path: string): void {
    const stats =
      path === "-"
        ? fstatSync(STDIN, BIG)
        : statSync(path, { ...BIG, throwIfNoEntry: false });
    if (!stats?.isFile()) return;
    const name = path === "-" ? "standard input" : path;
    this.inputs.set(idOf(stats), name);
  }

  output(name: string, stats: BigIntStats): void {
    // Any number of them may go to /dev/null.
    if (stats.isCharacterDevice()) return;
    this.keepApart(name, stats);
    this.outputs.set(idOf(stats), name);
  }

  standardOutput(flag: string): void {
    if (this.onStandardOutput !== undefined) {
      const flags = `${this.onStandardOutput} and ${flag}`;
      throw mistake(`${flags} can't both go to standard output`);
    }
    this.onStandardOutput = flag;
    this.output(`${flag} -`, fstatSync(STDOUT, BIG));
  }

  /** Where standard output is no flag's file, the page goes there. */
  page(): void {
    if (this.onStandardOutput !== undefined) return;
    const stats = fstatSync(STDOUT, BIG);
    // Into a pipe it may follow what was written before.
    if (stats.isFile()) this.keepApart("standard output", stats);
  }

  private keepApart(name: string, stats: BigIntStats): void {
    const id = idOf(stats);
    const input = this.inputs.get(id);
    if (input !== undefined) {
      throw mistake(`${name} would be written over what was read: ${input}`);
    }
    const other = this.outputs.get(id);
    if (other !== undefined) {
      throw mistake(
        `${other} and ${name} are one file: each wants one of its own`,
      );
    }
  }
}

function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/**
 * Whether two paths lead to one regular file.
 * @returns false where one of them is none, or can't be looked at
 */
export function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) =>
    statSync(path, { ...BIG, throwIfNoEntry: false }),
  );
  return Boolean(a?.isFile() && b?.isFile()) && idOf(a!) === idOf(b!);
}
