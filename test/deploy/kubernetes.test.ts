import { describe, expect, test } from "bun:test";
import { YAML } from "bun";
import type { HorizontalPodAutoscaler } from "kubernetes-types/autoscaling/v2";
import type { Deployment } from "kubernetes-types/apps/v1";
import type { Job } from "kubernetes-types/batch/v1";
import type { Container, Service } from "kubernetes-types/core/v1";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1";

import { parseDuration } from "../../src/units.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { temporaryFolder } from "../support/folder.ts";
import { pathOf, replaced, textOf } from "./files.ts";

const FOLDER = "deploy/kubernetes";

function read<T>(name: string): T {
  return YAML.parse(textOf(`${FOLDER}/${name}.yaml`)) as T;
}

const deployment = read<Deployment>("deployment");
const service = read<Service>("service");
const budget = read<PodDisruptionBudget>("poddisruptionbudget");
const autoscaler = read<HorizontalPodAutoscaler>("horizontalpodautoscaler");
const job = read<Job>("load-job");
const manifests = { deployment, service, budget, autoscaler, job };

const pod = deployment.spec!.template;
const [server] = pod.spec!.containers as [Container];
const [loader] = job.spec!.template.spec!.containers as [Container];

/** Has the type checker set values against the types of Kubernetes' schemas. */
async function check(values: Record<string, unknown>) {
  await using folder = await temporaryFolder();
  const source = Object.entries(values).map(([name, value]) => {
    const { apiVersion, kind } = value as { apiVersion: string; kind: string };
    const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
    const type = `import("kubernetes-types/${group}").${kind}`;
    return `export const ${name}: ${type} = ${JSON.stringify(value, null, 2)};`;
  });
  await Bun.write(folder.path("manifests.ts"), source.join("\n"));
  const types = pathOf("node_modules/kubernetes-types");
  const compilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    module: "preserve",
    paths: { "kubernetes-types/*": [`${types}/*`] },
  };
  const config = JSON.stringify({ compilerOptions });
  await Bun.write(folder.path("tsconfig.json"), config);
  const checker = [process.execPath, "check", "--no-script", "--no-pretty"];
  return await run([...checker, "-p", folder.path("tsconfig.json")]);
}

describe("the manifests", () => {
  test("the manifests are as Kubernetes' schemas say", async () => {
    expect(await check(manifests)).toMatchObject({ status: 0 });
  });

  test("a manifest with a mistake is not", async () => {
    const { status, stdout } = await check({
      misspelt: { ...deployment, spec: { ...deployment.spec, replica: 1 } },
      mistyped: { ...deployment, spec: { ...deployment.spec, replicas: "1" } },
    });
    expect(status).not.toBe(0);
    expect(stdout).toContain("'\"replica\"' does not exist");
    expect(stdout).toContain("'string' is not assignable to type 'number'");
  });

  test("the kustomization names all of them but the Job", () => {
    const { resources } = read<{ resources: string[] }>("kustomization");
    const files = [...new Bun.Glob("*.yaml").scanSync(pathOf(FOLDER))];
    const others = ["kustomization.yaml", "load-job.yaml"];
    expect([...resources, ...others].toSorted()).toEqual(files.toSorted());
  });

  test("all of them mean the Deployment's pods", () => {
    const { labels } = pod.metadata!;
    expect(deployment.spec!.selector.matchLabels).toEqual(labels!);
    expect(service.spec!.selector).toEqual(labels!);
    expect(budget.spec!.selector!.matchLabels).toEqual(labels!);
    const { apiVersion, kind } = deployment;
    const { name } = deployment.metadata!;
    const target = { apiVersion, kind, name };
    expect(autoscaler.spec!.scaleTargetRef).toEqual(target as never);
  });

  test("probes and the Service go to ports that the container has", () => {
    const names = server.ports!.map((port) => port.name);
    const { readinessProbe, livenessProbe } = server;
    expect(names).toContain(readinessProbe!.httpGet!.port as string);
    expect(names).toContain(livenessProbe!.httpGet!.port as string);
    for (const { targetPort } of service.spec!.ports!) {
      expect(names).toContain(targetPort as string);
    }
  });
});

describe("the Deployment", () => {
  const flag = (name: string) =>
    server.args!.find((arg) => arg.startsWith(`--${name}=`))!.split("=")[1]!;

  test("its pods have time to drain", () => {
    const needed =
      parseDuration(flag("drain-delay")) + parseDuration(flag("drain-timeout"));
    const { terminationGracePeriodSeconds: given } = pod.spec!;
    expect(given! * 1000).toBeGreaterThan(needed);
  });

  test("its command line starts a server that its probes find ready", async () => {
    const args = replaced(server.args!.join(" "), [
      ["[::]:9090", "127.0.0.1:0"],
      ["--drain-delay=10s", "--drain-delay=0s"],
    ]);
    const command = sounder(...args.split(" "), "127.0.0.1:0");
    await using program = new Program(command);
    const [, admin] = await program.says(/admin pages at (\S+)\//);
    for (const probe of [server.readinessProbe!, server.livenessProbe!]) {
      const answer = await fetch(`${admin}${probe.httpGet!.path}`);
      expect(answer.status).toBe(200);
    }
    program.child.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  });
});

test.each([
  ["a pod that is early waits", 2],
  ["a pod that is late begins at once", -60],
])("the Job's start: %s", async (_, ahead) => {
  const [start] = job.spec!.template.spec!.initContainers as [Container];
  const from = Date.now();
  const due = Math.floor(from / 1000) + ahead;
  const child = Bun.spawn(start.command!, {
    env: { ...process.env, START: String(due) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await child.exited).toBe(0);
  const earliest = Math.max(due * 1000, from);
  expect(Date.now()).toBeGreaterThanOrEqual(earliest);
});

test("the Job's pods make results that are one", async () => {
  await using target = await echo();
  // So long that they measure at the same time, however late one starts.
  const runs = [0, 1].map((index) => {
    const args = replaced(loader.args!.join(" "), [
      ["sounder:21567", target.address],
      ["--connections=100", "--connections=4"],
      ["--duration=60s", "--duration=4s"],
      ["$(INDEX)", `${index}`],
    ]);
    return run(sounder(...args.split(" ")));
  });
  const results = (await Promise.all(runs)).map(({ stdout }) => stdout);
  const command = sounder("report", "--json", "-", "-");
  const merged = await run(command, results.join(""));
  expect(merged).toMatchObject({ status: 0, stderr: "" });
  const [one, two] = results.map((text) => JSON.parse(text).messages.received);
  const { messages, connections } = JSON.parse(merged.stdout);
  expect(messages.received).toBe(one + two);
  expect(connections.planned).toBe(8);
});
