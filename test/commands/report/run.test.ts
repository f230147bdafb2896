import { describe, expect, test } from "bun:test";

import { merge, attributed } from "../../../src/result/merge.ts";
import type { NamedResult, Result } from "../../../src/result/result.ts";
import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { comparisonComplaints } from "../../support/schema.ts";
import { peerProgram } from "../../support/peer.ts";
import { failing, openLoop } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

const machines: NamedResult[] = [1, 2, 3].map((seed) => ({
  name: `host-${seed}.json`,
  result: resultOf(serviceTimes({ seed, messages: 100 }), {
    warnings: seed === 2 ? ["the generator was late itself"] : [],
  }),
}));

async function folderOf(results: Record<string, Result | string>) {
  const folder = await temporaryFolder();
  for (const [name, result] of Object.entries(results)) {
    await Bun.write(
      folder.path(name),
      typeof result === "string"
        ? result
        : `${JSON.stringify(result, null, 2)}\n`,
    );
  }
  return folder;
}

function hosts() {
  return folderOf(
    Object.fromEntries(machines.map(({ name, result }) => [name, result])),
  );
}

function paths(folder: { path(name: string): string }): string[] {
  return machines.map(({ name }) => folder.path(name));
}

describe("sounder report", () => {
  test("shows a result's page, and its verdict as the exit status", async () => {
    await using folder = await folderOf({
      "a.json": openLoop,
      "b.json": failing,
    });
    const passed = await run(sounder("report", folder.path("a.json")));
    expect(passed.stdout).toStartWith("tcp://192.0.2.17:21567\n");
    expect(passed.stdout).toEndWith("PASS  all 80,000 answers were right\n");
    expect(passed).toMatchObject({ status: 0, stderr: "" });
    const failed = await run(sounder("report", folder.path("b.json")));
    expect(failed.stdout).toContain("\nFAIL  65 bytes came back wrong;");
    expect(failed.status).toBe(1);
  });

  test("says why it failed, wherever it is shown", async () => {
    const reasons = ["3 messages could not be sent", "<p99> missed: 2 s"];
    const result: Result = { ...openLoop, verdict: "fail", reasons };
    await using folder = await folderOf({
      "a.json": result,
      "b.json": openLoop,
    });
    const [a, b] = [folder.path("a.json"), folder.path("b.json")];
    const line = `FAIL  ${reasons.join("; ")}\n`;

    const text = await run(sounder("report", a));
    expect(text.stdout).toEndWith(line);
    // To whoever reads the page it has been said.
    expect(text.stderr).toBe("");
    const json = await run(sounder("report", a, "--json", "-"));
    expect(JSON.parse(json.stdout).reasons).toEqual(reasons);
    expect(json).toMatchObject({ stderr: line, status: 1 });
    const html = await run(sounder("report", a, "--html", "-"));
    for (const reason of [
      "3 messages could not be sent",
      "&lt;p99&gt; missed: 2 s",
    ]) {
      expect(html.stdout).toContain(`<li>${reason}</li>`);
    }
    expect(html).toMatchObject({ stderr: line, status: 1 });

    const compared = await run(
      sounder("report", "--compare", b, a, "--json", "-"),
    );
    expect(JSON.parse(compared.stdout)).toMatchObject({
      kind: "comparison",
      base: "b.json",
      verdict: "pass",
      reasons: [],
      others: [{ name: "a.json", verdict: "fail", reasons }],
    });
    expect(compared).toMatchObject({ stderr: "", status: 0 });
  });

  test("reads logs in which standard error is among the results", async () => {
    const bad: Result = {
      ...machines[0]!.result,
      verdict: "fail",
      reasons: ["nothing came back"],
    };
    await using folder = await folderOf({ a: bad, b: machines[1]!.result });
    const { stdout, status } = await run([
      "sh",
      "-c",
      'a=$1 b=$2; shift 2; { "$@" "$a" --json -; "$@" "$b" --json -; } 2>&1 | "$@" -',
      "sh",
      folder.path("a"),
      folder.path("b"),
      ...sounder("report"),
    ]);
    expect(stdout).toContain("\nMachines\n");
    expect(stdout).toEndWith("\nFAIL  stdin #1: nothing came back\n");
    expect(status).toBe(1);
  });

  test("says which machine failed, and why", async () => {
    const result: Result = {
      ...machines[0]!.result,
      verdict: "fail",
      reasons: ["nothing came back"],
    };
    await using folder = await folderOf({ a: result, b: machines[1]!.result });
    const { stdout, stderr, status } = await run(
      sounder("report", folder.path("a"), folder.path("b"), "--json", "-"),
    );
    expect(JSON.parse(stdout).reasons).toEqual(["a: nothing came back"]);
    expect(stderr).toBe("FAIL  a: nothing came back\n");
    expect(status).toBe(1);
  });

  test("reads standard input, where several may follow each other", async () => {
    const one = await run(sounder("report", "-"), JSON.stringify(openLoop));
    expect(one.stdout).toStartWith("tcp://192.0.2.17:21567\n");
    const lines = machines.map(({ result }) => `${JSON.stringify(result)}\n`);
    const all = await run(sounder("report", "-"), lines.join(""));
    expect(all.stdout).toContain("\nMachines\n");
    expect(all.stdout).toContain("PASS  all 3,000 answers were right");
  });

  test("merges several, and writes that as JSON to standard output", async () => {
    await using folder = await hosts();
    const { stdout, status } = await run(
      sounder("report", ...paths(folder), "--json", "-"),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(merge(machines.map(attributed)));
    expect(JSON.parse(stdout).warnings).toEqual([
      "host-2.json: the generator was late itself",
    ]);
  });

  test("writes JSON and HTML to files, and the page too", async () => {
    await using folder = await hosts();
    const json = folder.path("all.json");
    const html = folder.path("all.html");
    const { stdout } = await run(
      sounder("report", ...paths(folder), "--json", json, "--html", html),
    );
    expect(stdout).toEndWith("PASS  all 3,000 answers were right\n");
    expect(await Bun.file(html).text()).toStartWith("<!doctype html>");
    const again = await run(sounder("report", json));
    expect(again.stdout).toEndWith("PASS  all 3,000 answers were right\n");
  });

  test("does not count a run again that a merge holds already", async () => {
    const [one, two] = machines.map(({ result }) => ({
      ...result,
      runs: [crypto.randomUUID()],
    })) as [Result, Result];
    await using folder = await folderOf({ one, two });
    const all = folder.path("all");
    const both = [folder.path("one"), folder.path("two")];
    await run(sounder("report", ...both, "--json", all));
    const { status, stderr } = await run(sounder("report", both[1]!, all));
    expect(stderr).toBe(
      "sounder: cannot merge: two and all hold the same run (EMERGE)\n",
    );
    expect(status).toBe(1);
  });

  test("compares, as text, JSON and HTML", async () => {
    await using folder = await hosts();
    const command = ["report", "--compare", ...paths(folder)];
    const text = await run(sounder(...command));
    expect(text.stdout).toContain("\nhost-3.json against host-1.json\n");
    expect(text.status).toBe(0);
    const json = await run(sounder(...command, "--json", "-"));
    const comparison = JSON.parse(json.stdout);
    expect(comparisonComplaints(comparison)).toEqual([]);
    expect(comparison).toMatchObject({ version: 1, base: "host-1.json" });
    expect(comparison.others[1].changes[1]).toMatchObject({
      measure: "p50",
      unit: "us",
      verdict: "within noise",
    });
    const html = await run(sounder(...command, "--html", "-"));
    expect(html.stdout).toStartWith("<!doctype html>");
    expect(html.stdout).toContain("host-3.json against host-1.json");
  });

  test("tells files of one name apart by their paths", async () => {
    await using one = await hosts();
    await using other = await hosts();
    const files = [paths(one)[0]!, paths(other)[1]!.replace("-2", "-1")];
    const { stdout } = await run(
      sounder("report", "--compare", ...files, "--json", "-"),
    );
    expect(JSON.parse(stdout).base).toBe(files[0]);
  });

  const failures: [string, string[], RegExp][] = [
    ["is not there", ["no.json"], /cannot read .*no\.json: .* \(ENOENT\)$/],
    [
      "is empty",
      ["empty"],
      /empty is not a result of load: it is empty \(ERESULT\)$/,
    ],
    ["is not JSON", ["text"], /text is not a result of load: JSON Parse error/],
    ["is not a result", ["other"], /other is not a result of load: version is/],
    ["is of another kind", ["a", "b"], /cannot merge: target is tcp:.* in a/],
    [
      "is a copy",
      ["a", "copy"],
      /cannot merge: a and copy hold the same run \(EMERGE\)$/,
    ],
  ];
  test.each(failures)(
    "fails in a line where a file %s",
    async (_, names, why) => {
      await using folder = await folderOf({
        empty: "",
        text: "hello",
        other: "{}",
        a: machines[0]!.result,
        copy: machines[0]!.result,
        b: openLoop,
      });
      const { status, stdout, stderr } = await run(
        sounder("report", ...names.map((name) => folder.path(name))),
      );
      expect(stderr.trimEnd()).toMatch(why);
      expect(stderr).toMatch(/^sounder: [^\n]+\n$/);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    },
  );

  const evil = "a\u001b]0;x\u0007\u009b2J\n\u202eb";
  // eslint-disable-next-line no-control-regex
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

  test("lets no text of a file that it refuses steer a terminal", async () => {
    const [{ result }] = machines as [NamedResult];
    const bad = { ...result, errors: { [evil]: null } };
    await using folder = await folderOf({
      a: result,
      key: JSON.stringify(bad),
      token: `\u009b${evil}`,
      target: { ...result, target: evil },
    });
    for (const names of [["key"], ["token"], ["a", "target"]]) {
      const { stderr } = await run(
        sounder("report", ...names.map((name) => folder.path(name))),
      );
      expect(stderr).toMatch(/^sounder: [^\n]+\n$/);
      expect(stderr).not.toMatch(obeyed);
    }
  });

  test("lets none of one that it shows", async () => {
    const fault = { connection: 1, offset: 2, kind: "lost", text: evil };
    const result = resultOf([[1, 2], [3]], {
      target: evil,
      command: evil,
      errors: { [evil]: 1 },
      warnings: [evil],
      faults: [fault as Result["faults"][number]],
      goals: [{ goal: evil, measured: 1, met: false }],
    });
    await using folder = await folderOf({ a: result, b: result });
    const all = [
      ["report", "a"],
      ["report", "a", "--json", "-"],
      ["report", "--compare", "a", "b"],
      ["report", "--compare", "a", "b", "--json", "-"],
    ];
    for (const [command, ...args] of all) {
      const given = args.map((one) =>
        /^[ab]$/.test(one) ? folder.path(one) : one,
      );
      const { stdout } = await run(sounder(command!, ...given));
      expect(stdout).not.toMatch(obeyed);
      if (args.join(" ") === "a --json -") {
        expect(JSON.parse(stdout)).toEqual(result);
      }
    }
  });

  const mistakes: [string, string[], string][] = [
    ["no file", [], "missing required argument 'file'"],
    ["a file twice", ["a", "a"], "is given twice"],
    ["one to compare", ["a", "--compare"], "--compare wants at least two"],
    [
      "two things on one standard output",
      ["a", "--json", "-", "--html", "-"],
      "can't both go to standard output",
    ],
  ];
  test.each(mistakes)("calls %s a mistake", async (_, args, why) => {
    await using folder = await folderOf({ a: openLoop });
    const given = args.map((arg) => (arg === "a" ? folder.path("a") : arg));
    const { status, stderr } = await run(sounder("report", ...given));
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^sounder: [^\n]+\n$/);
    expect(status).toBe(2);
  });

  test("says where it can't write", async () => {
    await using folder = await folderOf({ a: openLoop });
    const { status, stderr } = await run(
      sounder("report", folder.path("a"), "--html", folder.path("no/a.html")),
    );
    expect(stderr).toMatch(
      /^sounder: cannot write .*no\/a\.html: .*\(ENOENT\)/,
    );
    expect(status).toBe(1);
  });
});

const parallel = peerProgram("parallel");

test.skipIf(parallel === undefined)(
  "GNU parallel's output of several machines is one result",
  async () => {
    await using folder = await hosts();
    const { stdout } = await run([
      "sh",
      "-c",
      '"$1" --will-cite -j 2 cat ::: "$2" "$3" "$4" | "$5" "$6" report -',
      "sh",
      parallel!,
      ...paths(folder),
      ...sounder(),
    ]);
    expect(stdout).toEndWith("PASS  all 3,000 answers were right\n");
  },
);
