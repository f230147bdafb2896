import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";

import { adminOf } from "../support/admin.ts";
import { FakeSource } from "../support/fake-source.ts";
import { ServerEvents } from "../support/server-events.ts";
import { statusOf } from "../support/status.ts";

const PATHS = [
  "/",
  "/metrics",
  "/events",
  "/history",
  "/style.css",
  "/page.browser.js",
];

describe("startAdmin()", () => {
  test("/healthz is fine, and /readyz says why nobody is let in", async () => {
    const source = new FakeSource();
    await using admin = await adminOf(source);
    const probe = async (path: string) => {
      const response = await fetch(admin.url + path);
      return [response.status, await response.text()];
    };
    expect(await probe("/healthz")).toEqual([200, "ok\n"]);
    expect(await probe("/readyz")).toEqual([200, "ready\n"]);
    const reasons = [
      ["draining", "draining"],
      ["no-files", "no file descriptors left: new connections are refused"],
      ["no-worker", "no worker process serves"],
    ] as const;
    for (const [why, said] of reasons) {
      source.why = why;
      expect(await probe("/healthz")).toEqual([200, "ok\n"]);
      expect(await probe("/readyz")).toEqual([503, `${said}\n`]);
    }
    expect(source.asked).toEqual([]);
  });

  test("/metrics is Prometheus text, and lists no connection", async () => {
    const source = new FakeSource(3);
    await using admin = await adminOf(source);
    const response = await fetch(`${admin.url}/metrics`);
    expect(response.headers.get("Content-Type")).toBe(
      "text/plain; version=0.0.4; charset=utf-8",
    );
    const text = await response.text();
    expect(text).toContain("\nsounder_connections_open 3\n");
    expect(text).toContain('sounder_build_info{version="1.2.3",');
    expect(text).not.toContain(source.peers[0]!.peer);
    expect(source.asked).toEqual([{ search: "", limit: 0 }]);
  });

  test("/metrics says why it has none", async () => {
    const source = new FakeSource();
    source.trouble = new Error("a worker is busy");
    await using admin = await adminOf(source);
    const response = await fetch(`${admin.url}/metrics`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe(
      "the server's state cannot be read: a worker is busy\n",
    );
    source.trouble = undefined;
    expect((await fetch(`${admin.url}/metrics`)).status).toBe(200);
  });

  test("what fails inside is not told to whoever asks", async () => {
    const source = new FakeSource();
    await using admin = await adminOf(source);
    source.unready = () => {
      throw new Error("a secret");
    };
    const response = await fetch(`${admin.url}/readyz`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("failed\n");
  });

  test("/events tells what was searched for", async () => {
    await using admin = await adminOf(new FakeSource(300));
    const response = await fetch(`${admin.url}/events?search=.17:&limit=2`);
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    const events = new ServerEvents(response.body!);
    expect(await events.next()).toMatchObject({
      name: "snapshot",
      data: { found: 2, peers: [{ id: 17 }, { id: 273 }] },
    });
    await events.leave();
  });

  test("/events refuses a query that it does not understand", async () => {
    await using admin = await adminOf(new FakeSource());
    const response = await fetch(`${admin.url}/events?limit=all`);
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(
      "limit is not a number from 1 to 1000\n",
    );
  });

  test("/events has only so many viewers, and room once one leaves", async () => {
    await using admin = await adminOf(new FakeSource());
    const leave = new AbortController();
    const view = (signal?: AbortSignal) =>
      fetch(`${admin.url}/events`, { ...(signal && { signal }) });
    const some = Array.from({ length: 31 }, () => view());
    const statuses = await Promise.all(
      some.map(async (one) => (await one).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await view(leave.signal)).status).toBe(200);
    expect((await view()).status).toBe(503);
    leave.abort();
    let status = 503;
    while (status === 503) ({ status } = await view());
    expect(status).toBe(200);
  });

  test("what is not there is not found", async () => {
    await using admin = await adminOf(new FakeSource());
    for (const path of ["/healthz/", "/nothing", "/Metrics", "/..%2fetc"]) {
      expect((await fetch(admin.url + path)).status).toBe(404);
    }
  });

  test("nothing but GET and HEAD is answered", async () => {
    const source = new FakeSource();
    await using admin = await adminOf(source);
    for (const path of [...PATHS, "/healthz", "/readyz", "/nothing"]) {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const response = await fetch(admin.url + path, { method });
        expect(response.status).toBe(405);
        expect(response.headers.get("Allow")).toBe("GET, HEAD");
      }
    }
    expect(source.asked).toEqual([]);
  });

  test("HEAD has the headers of GET and no body", async () => {
    await using admin = await adminOf(new FakeSource());
    for (const path of [...PATHS, "/healthz"]) {
      const head = await fetch(admin.url + path, { method: "HEAD" });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
      const get = await fetch(admin.url + path);
      expect(head.headers.get("Content-Type")).toBe(
        get.headers.get("Content-Type"),
      );
      await get.body!.cancel();
    }
  });

  test("every answer forbids to be kept, framed, guessed or run", async () => {
    await using admin = await adminOf(new FakeSource());
    for (const path of [...PATHS, "/readyz", "/nothing", "/events?limit=x"]) {
      const response = await fetch(admin.url + path);
      await response.body!.cancel();
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      const policy = response.headers.get("Content-Security-Policy")!;
      expect(policy).toContain("default-src 'none';");
      expect(policy).toContain("frame-ancestors 'none';");
      expect(policy).not.toContain("unsafe");
    }
  });

  test("it answers to no name but those it knows", async () => {
    const source = new FakeSource(3);
    await using admin = await adminOf(source, { hosts: ["echo.example"] });
    const status = (path: string, host: string) =>
      statusOf(admin.address, `GET ${path} HTTP/1.1\r\nHost: ${host}`);
    for (const path of PATHS) {
      expect(await status(path, "evil.example:80")).toBe(421);
      expect(await status(path, "a b")).toBe(421);
    }
    expect(source.asked).toEqual([]);
    for (const host of [
      "localhost:1",
      "10.1.2.3",
      "echo.example",
      hostname(),
    ]) {
      expect(await status("/metrics", host)).toBe(200);
    }
    expect(await status("/healthz", "evil.example")).toBe(200);
  });

  test("probes of HTTP/1.0 need no name", async () => {
    await using admin = await adminOf(new FakeSource());
    const status = (path: string) =>
      statusOf(admin.address, `GET ${path} HTTP/1.0`);
    expect(await status("/healthz")).toBe(200);
    expect(await status("/readyz")).toBe(200);
    expect(await status("/metrics")).toBe(421);
    expect(await status("/nothing")).toBe(404);
  });

  test("its title can't become markup", async () => {
    const title = `<script>alert("1")</script>`;
    await using admin = await adminOf(new FakeSource(), { title });
    const page = await (await fetch(admin.url)).text();
    expect(page).not.toContain("<script>");
    expect(page).toContain("<h1>&lt;script&gt;alert(&quot;1&quot;)");
  });

  test("stop() hangs up on everybody", async () => {
    const admin = await adminOf(new FakeSource());
    const response = await fetch(`${admin.url}/events`);
    const events = new ServerEvents(response.body!);
    await events.next();
    await admin.stop();
    await expect(events.next()).rejects.toThrow();
    await expect(fetch(admin.url)).rejects.toThrow("ECONNREFUSED");
  });
});
