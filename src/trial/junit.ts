import { printable } from "../printable.ts";
import { shellWords } from "./command-line.ts";
import { faultsText, outputOf } from "./page.ts";
import type { CaseResult, TrialResult } from "./result.ts";

/** What XML can't have, whatever it is quoted as: XML 1.0, 2.2. */
const NOT_XML = /[\ufffe\uffff]/g;

function escaped(text: string): string {
  return Bun.escapeHTML(text.replace(NOT_XML, "\ufffd"));
}

function attributes(of: Record<string, string | number>): string {
  return Object.entries(of)
    .map(([name, value]) => ` ${name}="${escaped(printable(String(value)))}"`)
    .join("");
}

function caseOf(result: CaseResult): string {
  const { name, seconds, verdict, evidence, faults, should } = result;
  const start = attributes({
    classname: "sounder.trial",
    name,
    time: seconds.toFixed(3),
  });
  switch (verdict) {
    case "pass":
      return `    <testcase${start}/>`;
    case "untested":
      return (
        `    <testcase${start}>\n` +
        `      <skipped${attributes({ message: evidence })}/>\n` +
        "    </testcase>"
      );
    case "fail": {
      const text = `${faultsText(faults)}\na client should ${should}\n${outputOf(result)}`;
      return (
        `    <testcase${start}>\n` +
        `      <failure${attributes({ message: evidence })}>${escaped(text)}</failure>\n` +
        "    </testcase>"
      );
    }
  }
}

/** A trial's result as JUnit's XML, which CI systems show. */
export function junit(result: TrialResult): string {
  const { cases, counts, seconds, target, command } = result;
  const numbers = {
    tests: cases.length,
    failures: counts.fail,
    errors: 0,
    skipped: counts.untested,
    time: seconds.toFixed(3),
  };
  const name = `sounder trial ${target} -- ${shellWords(command)}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "sounder trial", ...numbers })}>`,
    `  <testsuite${attributes({ name, ...numbers })}>`,
    ...cases.map(caseOf),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
