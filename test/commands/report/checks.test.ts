import { expect, test } from "bun:test";

import type { CheckResult } from "../../../src/check/result.ts";
import { check } from "../../../src/check/check.ts";
import { startServer } from "../../../src/server/server.ts";
import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { openLoop } from "../../support/results.ts";
import {
  checkComparisonComplaints,
  checkComplaints,
} from "../../support/schema.ts";

await using server = await startServer({
  addresses: ["127.0.0.1:0"],
  reply: "raw",
  cooperate: true,
});
const real = await check(`127.0.0.1:${server.port}`, {
  idle: 1000,
  connections: 20,
  transfer: 65_536,
  expect: ["half-close=kept"],
});

const worse: CheckResult = {
  ...real,
  checks: real.checks.map((one) =>
    one.name === "half-close"
      ? { ...one, status: "lost", rating: "harmful" }
      : one,
  ),
  verdict: "fail",
  reasons: ["half-close=kept was expected: lost"],
};

async function folderOf(files: Record<string, unknown>) {
  const folder = await temporaryFolder();
  for (const [name, value] of Object.entries(files)) {
    await Bun.write(folder.path(name), JSON.stringify(value, null, 2));
  }
  return folder;
}

test("a real result is as its schema says", () => {
  expect(checkComplaints(real)).toEqual([]);
  expect(real.checks.length).toBe(14);
});

test("a saved check is shown, with its verdict as the exit status", async () => {
  await using folder = await folderOf({ "a.json": real, "b.json": worse });
  const page = folder.path("a.html");
  const passed = await run(
    sounder("report", folder.path("a.json"), "--html", page),
  );
  expect(passed).toMatchObject({ status: 0, stderr: "" });
  expect(passed.stdout).toContain("✓ half-close       kept: ");
  expect(await Bun.file(page).text()).toContain("Sounder · check");
  const failed = await run(sounder("report", folder.path("b.json")));
  expect(failed.stdout).toContain("FAIL  half-close=kept was expected: lost");
  expect(failed.status).toBe(1);
});

test("two are compared", async () => {
  await using folder = await folderOf({ "a.json": real, "b.json": worse });
  const files = [folder.path("a.json"), folder.path("b.json")];
  const [page, json] = [folder.path("c.html"), folder.path("c.json")];
  const { status, stdout } = await run(
    sounder("report", "--compare", ...files, "--html", page, "--json", json),
  );
  expect(status).toBe(0);
  expect(stdout.replaceAll("\n", " ")).toContain(
    "worse: half-close: kept → lost",
  );
  expect(await Bun.file(page).text()).toContain("half-close: kept → lost");
  const comparison = await Bun.file(json).json();
  expect(checkComparisonComplaints(comparison)).toEqual([]);
  const { others } = comparison;
  expect(others[0].changes).toContainEqual({
    name: "half-close",
    change: "worse",
    from: "kept",
    to: "lost",
  });
});

test("a monitor's are shown a line each", async () => {
  await using folder = await folderOf({ "a.json": real, "b.json": worse });
  const files = [folder.path("a.json"), folder.path("b.json")];
  const { status, stdout } = await run(sounder("report", ...files));
  expect(status).toBe(1);
  expect(stdout.trim().split("\n")[1]).toEndWith(
    "| changed: half-close: kept → lost",
  );
});

test("what does not belong together is one line", async () => {
  await using folder = await folderOf({
    "a.json": real,
    "b.json": openLoop,
    "c.json": { ...real, verdict: "perhaps" },
  });
  const at = (name: string) => folder.path(name);
  const mixed = await run(sounder("report", at("a.json"), at("b.json")));
  expect(mixed.stderr).toBe(
    "sounder: cannot show them together: a.json is of check, b.json is not (EMERGE)\n",
  );
  const wrong = await run(sounder("report", at("c.json")));
  expect(wrong.stderr).toMatch(
    /c\.json is not a result of check: verdict: "perhaps" is not .* \(ERESULT\)\n$/,
  );
  const merged = await run(
    sounder("report", at("a.json"), at("a.json"), "--html", at("x.html")),
  );
  expect(merged.status).toBe(2);
});
