/**
 * Runs the tests, and tells which lines of src they do not reach. `bun test
 * --coverage` sees its own process alone; here each Bun process that a test
 * starts loads this file first, and leaves what it has seen when it exits.
 */
import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const ENOUGH = 0.95;
const ROOT = join(import.meta.dir, "..");
const SRC = join(ROOT, "src");
const FOLDER = "SOUNDER_COVERAGE";

const sources = [...new Bun.Glob("**/*.ts").scanSync(SRC)].toSorted();

if (import.meta.main) await main();
else if (process.env[FOLDER] !== undefined) await leaveOnExit();

async function leaveOnExit(): Promise<void> {
  const { codeCoverageForFile } = (await import("bun:jsc")) as unknown as {
    /** `path | functions % | lines % | lines that did not run`. */
    codeCoverageForFile(path: string, ignoreSourceMap: boolean): string;
  };
  process.on("exit", () => {
    for (const file of sources) {
      try {
        const seen = codeCoverageForFile(join(SRC, file), false);
        appendFileSync(join(process.env[FOLDER]!, "seen"), `${seen}\n`);
      } catch {
        // This process did not load it.
      }
    }
  });
}

interface Coverage {
  lines: number;
  missed: Set<number>;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sounder-coverage-"));
  await Bun.write(join(folder, "seen"), "");
  const command = ["test", "--dots", "--timeout", "120000"];
  const lcov = ["--coverage-reporter", "lcov", "--coverage-dir", folder];
  const tests = Bun.spawn(
    [process.execPath, ...command, ...lcov, ...process.argv.slice(2)],
    {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        [FOLDER]: folder,
        BUN_JSC_useControlFlowProfiler: "1",
        BUN_OPTIONS: `--preload=${import.meta.path}`,
      },
    },
  );
  // Which tests fail is for the plain run to say: this one is so slow that peers
  // with timeouts of their own give up.
  await tests.exited;

  const coverage = new Map<string, Coverage>();
  readLcov(await Bun.file(join(folder, "lcov.info")).text(), coverage);
  readSeen(await Bun.file(join(folder, "seen")).text(), coverage);
  await rm(folder, { recursive: true });
  await addUnseen(coverage);
  process.exit(report(coverage) ? 0 : 1);
}

/** What the tests' own process reached. */
function readLcov(lcov: string, coverage: Map<string, Coverage>): void {
  for (const record of lcov.split("end_of_record\n")) {
    const [, path] = /^SF:(.*)$/m.exec(record) ?? [];
    const file = relative(SRC, join(ROOT, path ?? ""));
    if (!sources.includes(file)) continue;
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)$/gm)];
    const missed = lines.filter(([, , count]) => count === "0");
    coverage.set(file, {
      lines: lines.length,
      missed: new Set(missed.map(([, line]) => Number(line))),
    });
  }
}

/** A line is missed if no process that loaded its file reached it. */
function readSeen(seen: string, coverage: Map<string, Coverage>): void {
  for (const [path, , percent, ranges] of seen.split("\n").map(cells)) {
    const file = relative(SRC, path ?? "");
    if (!sources.includes(file)) continue;
    const missed = new Set(linesOf(ranges!));
    const before = coverage.get(file);
    coverage.set(file, {
      lines: before?.lines || linesIn(missed.size, Number(percent)),
      missed: before?.missed.intersection(missed) ?? missed,
    });
  }
}

/** The total is told as a share alone; a full share tells nothing of it. */
function linesIn(missed: number, percentReached: number): number {
  return missed === 0 ? 0 : Math.round(missed / (1 - percentReached / 100));
}

function cells(row: string): string[] {
  return row.split("|").map((cell) => cell.trim());
}

/** `4,7-9` */
function linesOf(ranges: string): number[] {
  return ranges.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    if (!first) return [];
    return Array.from({ length: last! - first + 1 }, (_, at) => first + at);
  });
}

function rangesOf(lines: Set<number>): string {
  const ranges: [first: number, last: number][] = [];
  for (const line of [...lines].toSorted((a, b) => a - b)) {
    const current = ranges.at(-1);
    if (current?.[1] === line - 1) current[1] = line;
    else ranges.push([line, line]);
  }
  return ranges
    .map(([first, last]) => (first === last ? first : `${first}-${last}`))
    .join(", ");
}

/** A file with code that no process loaded has missed all of its lines. */
async function addUnseen(coverage: Map<string, Coverage>): Promise<void> {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  for (const file of sources) {
    if (coverage.has(file)) continue;
    const source = await Bun.file(join(SRC, file)).text();
    const code = transpiler.transformSync(source).trim();
    if (code === "") continue;
    const lines = source.split("\n").length;
    const missed = new Set(Array.from({ length: lines }, (_, at) => at + 1));
    coverage.set(file, { lines, missed });
  }
}

/** @returns whether it is enough */
function report(coverage: Map<string, Coverage>): boolean {
  let lines = 0;
  let missed = 0;
  for (const file of sources) {
    const seen = coverage.get(file);
    if (seen === undefined) continue;
    lines += seen.lines;
    missed += seen.missed.size;
    if (seen.missed.size > 0) {
      const { size } = seen.missed;
      console.log(
        `src/${file}: ${size} of ${seen.lines} lines are not reached: ` +
          rangesOf(seen.missed),
      );
    }
  }
  const share = 1 - missed / lines;
  console.log(
    `${(share * 100).toFixed(1)} % of ${lines} lines of src are reached; ` +
      `${ENOUGH * 100} % are wanted`,
  );
  return share >= ENOUGH;
}
