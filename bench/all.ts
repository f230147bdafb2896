/** Runs the benchmarks that are named, or all: `bun run bench stamp outbox`. */
const files = new Bun.Glob("*.bench.ts").scanSync(import.meta.dir);
const known = Array.from(files, (file) =>
  file.replace(".bench.ts", ""),
).toSorted();
const wanted = process.argv.slice(2);

const unknown = wanted.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(
    `bench: there is no "${unknown}"; there are ${known.join(", ")}\n`,
  );
  process.exit(2);
}

for (const name of wanted.length > 0 ? wanted : known) {
  console.log(`\n# ${name}`);
  // A process each: what one leaves behind in the JIT would slow the next.
  const run = Bun.spawnSync(
    [process.execPath, `${import.meta.dir}/${name}.bench.ts`],
    { stdio: ["inherit", "inherit", "inherit"] },
  );
  if (run.exitCode !== 0) process.exit(1);
}
