import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { prometheusText } from "../../src/admin/prometheus.ts";
import { FakeSource } from "../support/fake-source.ts";
import { temporaryFolder } from "../support/folder.ts";
import { peerProgram } from "../support/peer.ts";
import { samplesOf } from "../support/samples.ts";

interface Target {
  expr: string;
  datasource: unknown;
}

interface Panel {
  id: number;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
}

interface Dashboard {
  schemaVersion: number;
  panels: Panel[];
  annotations: { list: { expr?: string }[] };
  templating: { list: { name: string; definition?: string }[] };
}

const promtool = peerProgram("promtool");
const FILE = join(import.meta.dir, "../../deploy/grafana/sounder.json");

const { schemaVersion, panels, annotations, templating } = (await Bun.file(
  FILE,
).json()) as Dashboard;
const targets = panels.flatMap((panel) => panel.targets ?? []);
const expressions = [...targets, ...annotations.list].flatMap(({ expr }) =>
  expr === undefined ? [] : [expr],
);
const definitions = templating.list.flatMap(
  ({ definition = [] }) => definition,
);

function namesIn(texts: readonly string[]): Set<string> {
  return new Set(texts.join("\n").match(/\bsounder_\w+/g));
}

/** What Grafana puts in the place of its variables. */
function filledIn(expression: string): string {
  return expression
    .replaceAll(/\$__(rate_)?interval/g, "5m")
    .replaceAll(/\$\w+/g, ".*");
}

describe("the Grafana dashboard", () => {
  test("shows the metrics that there are, all of them", async () => {
    const source = new FakeSource();
    const snapshot = await source.snapshot({ search: "", limit: 0 });
    const text = await prometheusText(snapshot, {
      version: "1.2.3",
      ready: true,
    });
    const metrics = namesIn([...samplesOf(text).keys()]);
    expect([...namesIn(expressions)].toSorted()).toEqual(
      [...metrics].toSorted(),
    );
    expect(namesIn(definitions).isSubsetOf(metrics)).toBe(true);
  });

  test("asks for rates of counters, and of nothing else", () => {
    for (const expression of expressions) {
      const ranges = expression.matchAll(/(\w+)\((\w+)\{[^}]*\}\[/g);
      for (const [, asked, metric] of ranges) {
        expect(asked).toBeOneOf(["rate", "increase", "changes"]);
        if (asked !== "changes") expect(metric).toEndWith("_total");
      }
      for (const [, metric] of expression.matchAll(/(\w+_total)\b(?!\{.*\[)/g))
        expect.unreachable(`${metric} has no range in ${expression}`);
    }
  });

  test("asks the data source that is chosen", () => {
    for (const { datasource } of targets) {
      expect(datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
    }
    expect(templating.list.map(({ name }) => name)).toEqual([
      "datasource",
      "job",
      "instance",
    ]);
  });

  test("has a panel for each place, and each in its own", () => {
    expect(schemaVersion).toBeGreaterThanOrEqual(39);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test.skipIf(promtool === undefined)(
    "asks what Prometheus understands",
    async () => {
      await using folder = await temporaryFolder();
      const rules = expressions.map((expression, index) => ({
        record: `dashboard:${index}`,
        expr: filledIn(expression),
      }));
      const file = folder.path("rules.json");
      await Bun.write(
        file,
        JSON.stringify({ groups: [{ name: "dashboard", rules }] }),
      );
      const checked = Bun.spawnSync([promtool!, "check", "rules", file]);
      expect(`${checked.stderr}`).toBe("");
      expect(checked.exitCode).toBe(0);
    },
  );
});
