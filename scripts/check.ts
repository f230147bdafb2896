/**
 * `bun run check` is two things: alone, the static gate, and with arguments
 * `sounder check`, as `bun run load` is `sounder load`.
 */
const STEPS = [
  ["bun", "fmt", "--no-script", "--check"],
  ["bunx", "oxlint"],
  ["bun", "check", "--no-script"],
  ["bun", "test", "test/imports.test.ts", "test/pages.test.ts"],
];

const given = process.argv.slice(2);
if (given.length > 0) {
  process.argv = [...process.argv.slice(0, 2), "check", ...given];
  await import("../src/cli.ts");
} else {
  process.exitCode = gate();
}

/** @returns the exit status of the first step that fails */
function gate(): number {
  for (const [program = "", ...args] of STEPS) {
    const command = [program === "bun" ? process.execPath : program, ...args];
    const { exitCode } = Bun.spawnSync(command, {
      stdio: ["inherit", "inherit", "inherit"],
    });
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}
