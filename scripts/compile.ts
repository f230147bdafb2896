/**
 * Makes one executable of everything, for this platform or for another:
 *
 *   bun run compile [--target bun-linux-arm64] [--outfile PATH]
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dir, "..");
const FAILED = 1;
const MISTAKE = 2;

function fail(message: string, status: number): never {
  process.stderr.write(`compile: ${message}\n`);
  process.exit(status);
}

function options() {
  try {
    return parseArgs({
      options: { target: { type: "string" }, outfile: { type: "string" } },
    }).values;
  } catch (error) {
    return fail((error as Error).message, MISTAKE);
  }
}

const { target, outfile } = options();
const name = `sounder${target?.replace(/^bun/, "") ?? ""}`;

try {
  const { outputs } = await Bun.build({
    entrypoints: [join(ROOT, "src/cli.ts")],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    // What a command does not need is not loaded.
    splitting: true,
    compile: {
      ...(target && { target: target as Bun.Build.CompileTarget }),
      outfile: outfile ?? join(ROOT, "dist", name),
      // The folder it runs in belongs to someone else.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  console.log(relative("", outputs[0]!.path));
} catch (error) {
  if (error instanceof TypeError) fail(error.message, MISTAKE);
  const [cause] = error instanceof AggregateError ? error.errors : [error];
  fail(`cannot make ${name}: ${cause.message}`, FAILED);
}
