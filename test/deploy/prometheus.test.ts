import { describe, expect, test } from "bun:test";
import { YAML } from "bun";

import { prometheusText } from "../../src/admin/prometheus.ts";
import { run } from "../support/cli.ts";
import { FakeSource } from "../support/fake-source.ts";
import { temporaryFolder } from "../support/folder.ts";
import { peerProgram } from "../support/peer.ts";
import { samplesOf } from "../support/samples.ts";
import { pathOf, textOf } from "./files.ts";

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string };
}

const promtool = peerProgram("promtool");
const FILE = "deploy/prometheus/sounder.rules.yml";
const { groups } = YAML.parse(textOf(FILE)) as {
  groups: { rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const INSTANCE = `instance="echo:9090"`;

/** What each alert is made to fire by: a series, minute by minute. */
const FIRING: Record<string, Record<string, string>> = {
  SounderServesNobody: { sounder_ready: "0x20" },
  SounderWorkerDied: { sounder_worker_restarts_total: "0x9 1x10" },
  SounderWorkerMissing: {
    sounder_workers_planned: "2x20",
    sounder_workers_alive: "1x20",
  },
  SounderFault: {
    'sounder_connections_closed_total{cause="error"}': "0x9 1x10",
  },
  SounderTurnsPeersAway: {
    'sounder_connections_rejected_total{reason="max-connections"}': "0+50x20",
    'sounder_connections_rejected_total{reason="no-files"}': "0+50x20",
  },
  SounderPendingFull: {
    'sounder_connections_closed_total{cause="pending"}': "0+1x20",
  },
  SounderBusy: { sounder_event_loop_delay_p99_seconds: "0.2x20" },
};

/** The same series where all is well: no alert fires. */
const FINE: Record<string, string> = {
  sounder_ready: "1x20",
  sounder_worker_restarts_total: "3x20",
  sounder_workers_planned: "2x20",
  sounder_workers_alive: "2x20",
  'sounder_connections_closed_total{cause="error"}': "1x20",
  'sounder_connections_closed_total{cause="pending"}': "7x20",
  'sounder_connections_closed_total{cause="FIN"}': "0+500x20",
  'sounder_connections_rejected_total{reason="max-connections"}': "0+5x20",
  'sounder_connections_rejected_total{reason="deny"}': "0+500x20",
  sounder_event_loop_delay_p99_seconds: "0.01x20",
};

function seriesOf(values: Record<string, string>) {
  return Object.entries(values).map(([name, points]) => ({
    series: name.includes("{")
      ? name.replace("}", `,${INSTANCE}}`)
      : `${name}{${INSTANCE}}`,
    values: points,
  }));
}

/** Has promtool evaluate the alerts over 20 minutes of series. */
async function evaluate(
  values: Record<string, string>,
  firing: (alert: string) => boolean,
) {
  await using folder = await temporaryFolder();
  const tests = {
    rule_files: [pathOf(FILE)],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: seriesOf(values),
        promql_expr_test: rules.map(({ alert }) => ({
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
          eval_time: "16m",
          exp_samples: firing(alert) ? [{ labels: "{}", value: 1 }] : [],
        })),
      },
    ],
  };
  await Bun.write(folder.path("tests.yml"), JSON.stringify(tests));
  return await run([promtool!, "test", "rules", folder.path("tests.yml")]);
}

describe("the alerts", () => {
  test.skipIf(promtool === undefined)("have no fault", async () => {
    expect(await run([promtool!, "check", "rules", pathOf(FILE)])).toEqual({
      status: 0,
      stdout: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
      stderr: "",
    });
  });

  test("are about metrics that there are", async () => {
    const snapshot = await new FakeSource().snapshot({ search: "", limit: 0 });
    const text = await prometheusText(snapshot, {
      version: "1.2.3",
      ready: true,
    });
    const metrics = [...samplesOf(text).keys()].join("\n");
    for (const { alert, expr } of rules) {
      const names = Array.from(
        expr.matchAll(/\bsounder_\w+/g),
        ([name]) => name,
      );
      expect({ alert, names }).toEqual({
        alert,
        names: names.filter((name) => metrics.includes(name)),
      });
    }
  });

  test("are explained", () => {
    const manual = textOf("docs/OPERATIONS.md");
    for (const { alert } of rules) expect(manual).toContain(`\`${alert}\``);
  });

  test.skipIf(promtool === undefined).each(rules.map(({ alert }) => alert))(
    "%s fires where it should, and no other does",
    async (alert) => {
      const values = { ...FINE, ...FIRING[alert] };
      expect(await evaluate(values, (one) => one === alert)).toMatchObject({
        status: 0,
      });
    },
  );

  test.skipIf(promtool === undefined)(
    "none fires where all is well",
    async () => {
      expect(await evaluate(FINE, () => false)).toMatchObject({ status: 0 });
    },
  );
});
