import { expect, test } from "bun:test";

import type { NamedFinding } from "../../src/check/finding.ts";
import { htmlCheck } from "../../src/check/html/page.ts";
import type { CheckResult } from "../../src/check/result.ts";

function finding(
  name: NamedFinding["name"],
  status: string,
  evidence: Record<string, unknown> = {},
): NamedFinding {
  const text = `<b>${name}</b>`;
  return { name, status, rating: "notable", text, means: "`as` so", evidence };
}

function pageOf(target: string, checks: NamedFinding[]): string {
  return htmlCheck({
    version: 1,
    kind: "check",
    target,
    started: "2026-11-01T09:05:07.000Z",
    seconds: 1,
    options: { idle: 60, lifetime: null, connections: 200, transfer: 0 },
    server: { cooperates: true, reply: "raw", instances: ["a"] },
    checks,
    expectations: [{ expected: "idle>350s", met: null, found: "it can't" }],
    warnings: [],
    host: { name: "here", cores: 2, sounder: "0", bun: "1" },
    label: null,
    verdict: "fail",
    reasons: ["idle>350s was expected"],
  } satisfies CheckResult);
}

const carried = (page: string) =>
  Array.from(
    page.matchAll(/class="carries"[^>]*>\s*([^<]*?)\s*</g),
    ([, text]) => text,
  );

test("the path is drawn with who ends what, and what goes on behind", () => {
  const ends = (tls: string | null) => ({ ends: [{ kernel: { tls } }] });
  const plain = pageOf("tls://a:1", [finding("terminated", "tls", ends(null))]);
  expect(plain).toContain("proxy or balancer");
  expect(carried(plain)).toEqual(["TLS", "TCP"]);
  const again = pageOf("tls://a:1", [finding("terminated", "tls", ends("k"))]);
  expect(carried(again)).toEqual(["TLS", "TLS"]);
  const begun = pageOf("tcp://a:1", [finding("terminated", "tls", ends("k"))]);
  expect(carried(begun)).toEqual(["TCP", "TLS"]);
  expect(begun).toContain("ends TCP, begins TLS");
  const direct = pageOf("tcp://a:1", [finding("terminated", "no")]);
  expect(carried(direct)).toEqual(["TCP"]);
});

test("servers have their shares, and addresses where they are seen", () => {
  const instances = [
    { instance: "a", server: "one", host: "h", share: 0.75 },
    { instance: "b", server: "two", host: "h", share: 0.25 },
  ];
  const page = pageOf("tcp://a:1", [
    finding("backends", "2", { instances }),
    finding("address", "translated", {
      ours: "10.0.0.1:5",
      peer: "10.9.9.9:6",
    }),
  ]);
  expect(page).toContain("75 % of connections");
  expect(page).toContain("10.9.9.9:6");
});

test("idle times are a ladder, with its bracket and known defaults", () => {
  const rungs = [
    { seconds: 200, result: "alive", direction: "from-client" },
    { seconds: 245, result: "silent", direction: "from-client" },
    { seconds: 300, result: "unknown", direction: "from-server" },
  ];
  const page = pageOf("tcp://a:1", [
    finding("idle", "silent", { rungs, survived: 200, killed: 245 }),
  ]);
  expect(page).toMatch(/<circle\s+class="alive"/);
  expect(page).toMatch(/<path\s+class="dead"/);
  expect(page).toMatch(/<circle\s+class="unknown"/);
  expect(page).toMatch(/<rect\s+class="bracket"/);
  expect(page.match(/<line\s+class="known"/g)?.length).toBe(3);
  expect(page).toContain("Azure&#x27;s load balancer and NAT");
  expect(pageOf("tcp://a:1", [finding("idle", "unknown")])).not.toContain(
    "Idle times",
  );
});

test("what others said is text, and what is code is set so", () => {
  const page = pageOf("tcp://<a>:1", [finding("echo", "<raw>")]);
  expect(page).toContain("&lt;b&gt;echo&lt;/b&gt;");
  expect(page).not.toContain("<raw>");
  expect(page).toContain("<code>as</code> so");
});
