import { expect, test } from "bun:test";

import { asking } from "../../src/load/connections/asking.ts";
import { LoadConnection } from "../../src/load/connections/connection.ts";
import { WHO, WhoReply } from "../../src/load/probe/who.ts";
import { InstanceTallies } from "../../src/load/worker/instances.ts";
import { merge } from "../../src/result/merge.ts";
import type { Instance } from "../../src/result/result.ts";
import { answerLine } from "../../src/protocol/cooperation/answer.ts";
import { ChildServer } from "../support/child.ts";
import { noHaproxy, startHaproxy } from "../support/haproxy.ts";
import { measure } from "../support/load.ts";
import { proxying } from "../support/proxying.ts";
import { complaintsOf } from "../support/schema.ts";
import { serving } from "../support/serving.ts";

const child = () => ChildServer.start({ reply: "raw", cooperate: true });
const addressOf = ({ endpoint }: { endpoint: { port?: number } }) =>
  `127.0.0.1:${endpoint.port}`;

/** HAProxy that takes turns between two. */
function balancing(ports: readonly number[]) {
  const servers = ports.map(
    (port, index) => `  server s${index} 127.0.0.1:${port}`,
  );
  return startHaproxy(
    (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind fd@3
  default_backend back
backend back
  balance roundrobin
${servers.join("\n")}
`,
  );
}

test("a server that does not cooperate has no instances", async () => {
  await using server = await serving();
  const result = await measure(addressOf(server as never));
  expect(result).toMatchObject({ instances: null, verdict: "pass" });
});

test.each(["raw", "stamp"] as const)(
  "what a process that answers %s did is told",
  async (reply) => {
    await using server = await serving({ reply, cooperate: true });
    const result = await measure(addressOf(server as never));
    const { messages } = result;
    expect(result.verdict).toBe("pass");
    expect(result.instances).toMatchObject([
      {
        connections: 4,
        messages: messages.received,
        latency: { unanswered: 0 },
      },
    ]);
    // The same messages, the same times.
    expect(result.instances![0]!.latency.histogram).toBe(
      result.latency.histogram,
    );
  },
);

test.skipIf(noHaproxy)("of two processes, each", async () => {
  await using one = await child();
  await using other = await child();
  const ports = [one, other].map(
    ({ endpoint }) => (endpoint as { port: number }).port,
  );
  await using balancer = await balancing(ports);
  const result = await measure(addressOf(balancer as never));
  const instances = result.instances!;
  expect(instances.map(({ connections }) => connections)).toEqual([2, 2]);
  const sum = instances.reduce((all, { messages }) => all + messages, 0);
  expect(sum).toBe(result.messages.received);
  expect(complaintsOf(result)).toEqual([]);
});

test.skipIf(noHaproxy)(
  "one of two that does not cooperate is not told",
  async () => {
    await using one = await child();
    await using other = await ChildServer.start({ reply: "raw" });
    const ports = [one, other].map(
      ({ endpoint }) => (endpoint as { port: number }).port,
    );
    await using balancer = await balancing(ports);
    // Five connections each time, so that the one that is asked changes.
    for (let tries = 0; tries < 2; tries += 1) {
      const result = await measure(addressOf(balancer as never), {
        connections: 3,
      });
      expect(result.verdict).toBe("pass");
      if (result.instances == null) continue;
      const [instance, ...others] = result.instances;
      expect(others).toEqual([]);
      expect(instance!.connections).toBeWithin(1, 3);
      expect(instance!.messages).toBeLessThan(result.messages.received);
      return;
    }
    throw new Error("the one that cooperates was never asked");
  },
);

test("what was not answered counts as its", async () => {
  await using server = await serving({ cooperate: true });
  await using proxy = await proxying({
    target: server.endpoint,
    faults: ["mute after 4000"],
  });
  const result = await measure(addressOf(proxy as never), {
    connections: 2,
    rate: 200,
    timeout: 500,
    reconnect: false,
    until: { duration: 2000 },
  });
  const [instance] = result.instances!;
  const { unanswered } = result.messages;
  expect(unanswered).toBeGreaterThan(0);
  expect(instance!.latency.unanswered).toBe(unanswered);
});

test("an answer is known, whatever it is split into; so is what is none", () => {
  const info = { server: "s", instance: "i", host: "h" };
  const line = answerLine("who", { instance: "i", connection: "1", info });
  for (const [sent, who] of [
    [line, expect.objectContaining({ instance: "i" })],
    [WHO, undefined],
    [
      Buffer.concat([Buffer.from("[Sun Nov  1 09:05:07 2026] "), WHO]),
      undefined,
    ],
  ] as const) {
    for (let at = 1; at < sent.length; at += 7) {
      const reply = new WhoReply();
      expect(reply.hear(sent.subarray(0, at))).toBeUndefined();
      expect(reply.hear(sent.subarray(at))).toEqual({ who });
    }
  }
  const other = Buffer.from("HTTP/1.1 400");
  expect(new WhoReply().hear(other)).toEqual({ other });
});

test("who ends a connection instead of an answer has failed it", () => {
  const told: string[] = [];
  const nothing = () => {};
  const handlers = asking(
    {
      open: () => told.push("open"),
      data: nothing,
      writable: nothing,
      end: nothing,
      close: () => told.push("close"),
      error: nothing,
    },
    {
      answered: nothing,
      failed: (_, error) => told.push(`failed ${error?.message}`),
    },
  );
  const times = {
    due: new Float64Array(1),
    sent: new Float64Array(1),
    first: 0,
    room: 1,
  };
  const connection = new LoadConnection(0, { received: 0 } as never, times);
  const wire = { data: connection, write: () => 1024, end: nothing } as never;
  handlers.open(wire);
  handlers.close(wire, new Error("reset"));
  expect(told).toEqual(["failed reset"]);
});

test("results of two machines are of one process together", async () => {
  await using server = await serving({ cooperate: true });
  const one = () => measure(addressOf(server as never), { rate: 200 });
  const results = await Promise.all([one(), one()]);
  const [instance, ...others] = merge(
    results.map((result, index) => ({ name: `${index}.json`, result })),
  ).instances!;
  expect(others).toEqual([]);
  const both = results.flatMap(({ instances }) => instances as Instance[]);
  expect(instance).toMatchObject({
    connections: 8,
    messages: both[0]!.messages + both[1]!.messages,
  });
});

test("what workers counted is added up", () => {
  const one = new InstanceTallies();
  one.of("a", "h").connections = 2;
  one.of("a", "h").latency.record(10);
  const packed = one.pack();
  const all = new InstanceTallies();
  all.unpack(packed);
  all.add(one);
  expect(
    [...all].map(([name, { connections, latency }]) => [
      name,
      connections,
      latency.total,
    ]),
  ).toEqual([["a", 4, 2]]);
});
