import { expect, test } from "bun:test";
import { posix } from "node:path";

/** A file imports from its own place, or from one on a line below. */
const LAYERS = [
  ["cli"],
  ["commands", "index"],
  ["learn"],
  ["cluster", "trial", "check", "diagram"],
  ["server", "client", "load", "report", "admin", "proxy"],
  ["inbound"],
  ["faults", "result", "status", "workers"],
  ["socket"],
  ["protocol"],
  ["kernel"],
  ["address", "options"],
  ["errors"],
  ["assets", "checks", "printable", "units"],
];

/** Bun.Transpiler.scanImports would not see imports of types alone. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** Each file of src, scripts and styles of pages too, and what it imports. */
const graph = new Map<string, string[]>();
const src = `${import.meta.dir}/../src`;
for (const file of new Bun.Glob("**/*.{ts,js,css}").scanSync(src)) {
  if (file.endsWith(".d.ts")) continue;
  const source = await Bun.file(`${src}/${file}`).text();
  const imported = Array.from(source.matchAll(SPECIFIER), ([, specifier]) =>
    posix.join(posix.dirname(file), specifier!),
  );
  // What is outside, such as package.json, imports nothing.
  graph.set(
    file,
    imported.filter((name) => !name.startsWith("../")),
  );
}

/** `server` for `server/drain.ts`, `units` for `units.ts`. */
function placeOf(file: string): string {
  return file.split(/[/.]/)[0]!;
}

function layerOf(file: string): number {
  return LAYERS.findIndex((places) => places.includes(placeOf(file)));
}

test("every file of src belongs to a layer", () => {
  const strays = [...graph.keys()].filter((file) => layerOf(file) < 0);
  expect(strays).toEqual([]);
});

test("CONTRIBUTING.md tells the same order", async () => {
  const page = await Bun.file(`${src}/../CONTRIBUTING.md`).text();
  const order = LAYERS.map((places) =>
    places.map((place) => `\`${place}\``).join(", "),
  );
  expect(page).toContain(`Imports descend: ${order.join(" → ")}.`);
});

test("imports descend, and never go to a sibling", () => {
  const wrong: string[] = [];
  for (const [file, imported] of graph) {
    for (const target of imported) {
      const inside = placeOf(target) === placeOf(file);
      if (!inside && layerOf(target) <= layerOf(file)) {
        wrong.push(`${file} → ${target}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("imports make no cycle", () => {
  const cycles: string[] = [];
  const done = new Set<string>();
  function visit(file: string, path: string[]): void {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    } else if (!done.has(file)) {
      for (const next of graph.get(file)!) visit(next, [...path, file]);
      done.add(file);
    }
  }
  for (const file of graph.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});

test("what runs in a browser imports only what runs there", () => {
  const wrong: string[] = [];
  for (const [file, imported] of graph) {
    if (!file.endsWith(".browser.js")) continue;
    for (const target of imported) {
      if (!target.endsWith(".browser.js")) wrong.push(`${file} → ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("every file is reached from the command line or the library", () => {
  const reached = new Set(["cli.ts", "index.ts"]);
  for (const file of reached) {
    for (const target of graph.get(file) ?? []) reached.add(target);
  }
  const unused = [...graph.keys()].filter((file) => !reached.has(file));
  expect(unused).toEqual([]);
});
