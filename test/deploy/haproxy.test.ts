import { expect, test } from "bun:test";

import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../../src/address/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { run } from "../support/cli.ts";
import { noHaproxy, startHaproxy } from "../support/haproxy.ts";
import { listening } from "../support/listening.ts";
import { measure } from "../support/load.ts";
import { pathOf, replaced, textOf } from "./files.ts";

const FILE = "deploy/haproxy/haproxy.cfg";

/** A server as the file's head says to start it. */
async function behindProxy() {
  const flags = ["--proxy-protocol", "--allow", "127.0.0.1", "--reply", "raw"];
  const admin = ["--admin", "127.0.0.1:0", "--drain-delay", "3s"];
  const server = await listening(...flags, ...admin, "--drain-timeout", "60s");
  const [, port] = await server.says(/admin pages at \S+:(\d+)/);
  return Object.assign(server, { check: `port ${port}` });
}

/** Comes, sends, gets it back, and goes. */
async function visit(endpoint: Endpoint, name: string): Promise<void> {
  const message = Buffer.from(`${name} `.repeat(1000));
  await using caller = await Caller.dial(endpoint);
  caller.send(message);
  expect((await caller.receive(message.length)).equals(message)).toBe(true);
  caller.finish();
  expect(await caller.rest()).toBeEmpty();
}

async function answers(address: string): Promise<boolean> {
  try {
    await using _ = await Caller.dial(parseEndpoint(address));
    return true;
  } catch {
    return false;
  }
}

test.skipIf(noHaproxy)("haproxy.cfg has no fault", async () => {
  const checked = await run(["haproxy", "-c", "-f", pathOf(FILE)]);
  expect(checked).toMatchObject({ status: 0, stderr: "" });
});

test.skipIf(noHaproxy)(
  "haproxy.cfg drains a server under load, and no byte is lost",
  async () => {
    await using one = await behindProxy();
    await using two = await behindProxy();
    await using proxy = await startHaproxy((admin) =>
      replaced(textOf(FILE), [
        ["bind :::21567 v4v6", "bind fd@3"],
        ["/run/haproxy/admin.sock", admin],
        // A check may take as long as it does where the machine is busy.
        ["inter 1s", "inter 50ms"],
        ["timeout connect 5s", "timeout connect 5s\n  timeout check 5s"],
        ["192.0.2.11:21567", `${one.address} ${one.check}`],
        ["192.0.2.12:21567", `${two.address} ${two.check}`],
      ]),
    );
    async function becomes(server: string, wanted: string): Promise<void> {
      let { status } = await proxy.health(server);
      while (status !== wanted) ({ status } = await proxy.health(server));
    }

    await Promise.all([becomes("one", "UP"), becomes("two", "UP")]);
    const stop = new AbortController();
    const visits = Promise.all(
      ["a", "b", "c", "d"].map(async (name) => {
        let count = 0;
        for (; !stop.signal.aborted; count += 1) {
          await visit(proxy.endpoint, `${name}${count}`);
        }
        return count;
      }),
    );
    // What fails meanwhile is told where they are awaited.
    visits.catch(() => {});
    const measuring = Promise.withResolvers<void>();
    const load = measure(formatEndpoint(proxy.endpoint), {
      connections: 16,
      until: { duration: 60_000 },
      stop: stop.signal,
      watcher: {
        phase: (phase) => phase === "measuring" && measuring.resolve(),
      },
    });
    await measuring.promise;

    one.child.kill("SIGTERM");
    await becomes("one", "DOWN");
    while (await answers(one.address)) await Bun.sleep(10);
    await visit(proxy.endpoint, "when one does not listen");
    stop.abort();
    const result = await load;
    expect(result.errors).toEqual({});
    expect(result.connections).toMatchObject({ opened: 16, lost: 0 });
    expect(result.bytes.mismatched).toBe(0);
    expect(result.messages.received).toBe(result.messages.sent);
    for (const count of await visits) expect(count).toBeGreaterThan(0);

    expect(await one.ended()).toBe(0);
    expect(one.said).toEndWith("Stopped.\n");
    expect(one.said).not.toContain("not let in: proxy-m");
    for (const { said } of [one, two]) expect(said).toContain("connected");
  },
);
