import { describe, expect, test } from "bun:test";

import { Feed } from "../../src/admin/feed.ts";
import { History } from "../../src/admin/history.ts";
import type { Asked, Reply } from "../../src/admin/reply.ts";
import { routesOf } from "../../src/admin/routes.ts";
import { FakeSource } from "../support/fake-source.ts";

const GET: Asked = {
  method: "GET",
  host: "localhost",
  query: new URLSearchParams(),
};

/** What asks a source for its metrics. */
function scraper(source: FakeSource): () => Promise<Reply> {
  const routes = routesOf({
    source,
    version: "1.2.3",
    page: "",
    feed: new Feed(source),
    history: new History(source),
    isOurs: () => true,
  });
  return async () => routes.byPath.get("/metrics")!(GET);
}

describe("/metrics", () => {
  test("reads once for all who ask at the same time", async () => {
    const source = new FakeSource();
    const scrape = scraper(source);
    const replies = await Promise.all([scrape(), scrape(), scrape()]);
    expect(source.asked).toHaveLength(1);
    const [first] = replies;
    expect(first!.status).toBe(200);
    for (const other of replies) expect(other.body).toBe(first!.body);
    await scrape();
    expect(source.asked).toHaveLength(2);
  });

  test("reads again after a failure, which all are told", async () => {
    const source = new FakeSource();
    const scrape = scraper(source);
    source.trouble = new Error("busy");
    for (const { status, body } of await Promise.all([scrape(), scrape()])) {
      expect(status).toBe(503);
      expect(body).toBe("the server's state cannot be read: busy\n");
    }
    source.trouble = undefined;
    expect((await scrape()).status).toBe(200);
  });
});
