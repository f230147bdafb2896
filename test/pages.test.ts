import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const PAGES = [
  "README.md",
  "README.zh-CN.md",
  "CONTRIBUTING.md",
  ...[...new Bun.Glob("docs/*.md").scanSync(ROOT)].toSorted(),
];

const textOf = (page: string) => Bun.file(join(ROOT, page)).text();
const contributing = await textOf("CONTRIBUTING.md");

/** What stands between backticks, outside of blocks of code. */
function codeIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, "");
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code]) => code!);
}

/** Where GitHub lets links lead to in a page. */
function anchorsIn(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(PAGES)("%s", (page) => {
  test("links to what there is", async () => {
    const text = await textOf(page);
    const dead: string[] = [];
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const [file, anchor] = link!.split("#") as [string, string?];
      const target = file === "" ? page : join(dirname(page), file);
      if (!existsSync(join(ROOT, target))) dead.push(link!);
      else if (anchor !== undefined) {
        const anchors = anchorsIn(await textOf(target));
        if (!anchors.includes(anchor)) dead.push(link!);
      }
    }
    expect(dead).toEqual([]);
  });

  test("names paths that there are", async () => {
    const folders = await readdir(ROOT);
    const named = codeIn(await textOf(page)).filter(
      (code) =>
        /^[\w./-]+$/.test(code) &&
        folders.includes(code.split("/")[0]!) &&
        // What compiling makes.
        !code.startsWith("dist/"),
    );
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("the map in CONTRIBUTING.md", () => {
  const [, map] = /^```text\n(.*?)^```$/ms.exec(contributing)!;
  /** Each entry of src, and what is said of it. */
  const entries = new Map(
    Array.from(
      map!.matchAll(/^ {2}(\S+) +(.*(?:\n {3,}.*)*)/gm),
      ([, name, text]) => [name!, text!],
    ),
  );

  test("has all of src, and nothing else", async () => {
    const found = await readdir(join(ROOT, "src"), { withFileTypes: true });
    const names = found.map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    );
    expect([...entries.keys()].toSorted()).toEqual(names.toSorted());
  });

  test("names files and folders that there are", () => {
    const wrong: string[] = [];
    for (const [folder, text] of entries) {
      for (const [name] of text.matchAll(/[\w-]+(?:\.ts|\/)/g)) {
        const inside = new Bun.Glob(`**/${name.replace(/\/$/, "/*")}`);
        const [first] = inside.scanSync(join(ROOT, "src", folder));
        if (first === undefined) wrong.push(`${folder}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test("what to look at for a change is there", () => {
  const rows = contributing.match(/^\|.*\|$/gm)!;
  const named = rows
    .flatMap((row) => codeIn(row))
    .filter((code) => /[/.]/.test(code));
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter(
    (path) =>
      !existsSync(join(ROOT, "src", path)) && !existsSync(join(ROOT, path)),
  );
  expect(missing).toEqual([]);
});
