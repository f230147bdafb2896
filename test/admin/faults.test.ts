import { describe, expect, test } from "bun:test";

import { type Admin, startAdmin } from "../../src/admin/admin.ts";
import { NOTHING } from "../../src/status/snapshot.ts";
import { temporaryFolder } from "../support/folder.ts";

async function administered(address: string, token?: string) {
  let list: readonly string[] = ["delay 5ms"];
  const admin = await startAdmin({
    address,
    version: "test",
    token,
    source: {
      unready: () => undefined,
      counts: async () => NOTHING,
      snapshot: async () => NOTHING,
    },
    faults: {
      read: () => list,
      async put(faults) {
        if (faults.includes("boo")) throw new RangeError("boo is no fault");
        list = faults;
      },
    },
  });
  return Object.assign(admin, { list: () => list });
}

function urlOf({ address }: Admin): string {
  const { port } = address as { port: number };
  return `http://127.0.0.1:${port}/faults`;
}

describe("/faults", () => {
  test("are told, and changed all at once", async () => {
    await using admin = await administered("127.0.0.1:0");
    const url = urlOf(admin);
    const told = await fetch(url);
    expect(told.headers.get("content-type")).toBe("application/json");
    expect(await told.json()).toEqual(["delay 5ms"]);
    const body = JSON.stringify(["reset after 5", "swap"]);
    const put = await fetch(url, { method: "PUT", body });
    expect(put.status).toBe(200);
    expect(await put.json()).toEqual(["reset after 5", "swap"]);
    expect(admin.list()).toEqual(["reset after 5", "swap"]);
  });

  test.each([
    ["{", 400, /^it is not JSON\n$/],
    ['{"a":1}', 400, /^it is not a list of faults/],
    ["[1]", 400, /^it is not a list of faults/],
    ['["boo"]', 400, /^boo is no fault\n$/],
    [`["${"a".repeat(70_000)}"]`, 400, /longer than 65536 bytes/],
  ])("%j is refused, and nothing changes", async (body, status, words) => {
    await using admin = await administered("127.0.0.1:0");
    const put = await fetch(urlOf(admin), { method: "PUT", body });
    expect(put.status).toBe(status);
    expect(await put.text()).toMatch(words);
    expect(admin.list()).toEqual(["delay 5ms"]);
  });

  test("are for nobody else's name, and no other method", async () => {
    await using admin = await administered("127.0.0.1:0");
    const url = urlOf(admin);
    const headers = { Host: "rebound.example" };
    const put = { method: "PUT", body: "[]", headers };
    expect((await fetch(url, put)).status).toBe(421);
    expect((await fetch(url, { method: "POST", body: "[]" })).status).toBe(405);
    expect(admin.list()).toEqual(["delay 5ms"]);
  });

  test("are changed from elsewhere with the token alone", async () => {
    const put = (authorization?: string) => ({
      method: "PUT",
      body: "[]",
      headers: authorization === undefined ? {} : { authorization },
    });
    await using open = await administered("0.0.0.0:0");
    const refused = await fetch(urlOf(open), put());
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("--admin-token");
    expect((await fetch(urlOf(open))).status).toBe(200);

    await using guarded = await administered("0.0.0.0:0", "secret");
    for (const wrong of [undefined, "Bearer wrong", "secret"]) {
      expect((await fetch(urlOf(guarded), put(wrong))).status).toBe(401);
    }
    expect(guarded.list()).toEqual(["delay 5ms"]);
    const good = await fetch(urlOf(guarded), put("Bearer secret"));
    expect(good.status).toBe(200);
    expect(guarded.list()).toEqual([]);
  });

  test("are changed on a Unix socket by whoever may use it", async () => {
    await using folder = await temporaryFolder();
    const unix = folder.path("admin.sock");
    await using admin = await administered(`unix:${unix}`);
    const put = { method: "PUT", body: "[]", unix };
    expect((await fetch("http://any/faults", put)).status).toBe(200);
    expect(admin.list()).toEqual([]);
  });
});
