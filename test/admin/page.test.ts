import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";

import { startAdmin } from "../../src/admin/admin.ts";
import { adminOf } from "../support/admin.ts";
import { launch, type Look, visit } from "../support/browser.ts";
import { FakeSource } from "../support/fake-source.ts";
import { peerProgram } from "../support/peer.ts";

const LOOKS: Look[] = [
  { width: 1280, theme: "light" },
  { width: 1280, theme: "dark" },
  { width: 390, theme: "light" },
  { width: 390, theme: "dark" },
];
const WIDE: Look = { width: 1280, theme: "light" };

/** What peers may call themselves, behind a proxy that lets them. */
const HOSTILE = [
  `<img src=x onerror="document.title='pwned'">`,
  `<script>document.title='pwned'</script>`,
  `"><svg onload="document.title='pwned'">`,
  "\u202Egnp.exe",
  "</table></main><style>*{display:none}</style>",
];

const chromium = peerProgram("chromium");

/** Seconds pass as fast as it is asked. */
function lively(peers: number): FakeSource {
  const source = new FakeSource(peers);
  const start = source.now();
  source.now = () => start + source.asked.length * 1000;
  return source;
}

const rows = (page: Page) => page.locator("#peers tbody tr");
const state = (page: Page, text: string) =>
  page.locator(".state strong", { hasText: text }).waitFor();
const found = (page: Page, text: string) =>
  page.locator("#found", { hasText: text }).waitFor();

interface Label {
  text: string;
  left: number;
  right: number;
  room: number;
}

/** Has a page keep what its charts write from now on. */
const RECORD = `
  globalThis.labels = [];
  const { prototype } = CanvasRenderingContext2D;
  const { fillText } = prototype;
  prototype.fillText = function (text, x, y) {
    const { width } = this.measureText(text);
    const left = x - width * { left: 0, center: 0.5, right: 1 }[this.textAlign];
    labels.push({ text, left, right: left + width, room: this.canvas.width });
    fillText.call(this, text, x, y);
  };`;

/** Of what they wrote, what looks like a time, once there is anything. */
async function timesIn(page: Page): Promise<Label[]> {
  let labels: Label[] = [];
  while (labels.length === 0) labels = await page.evaluate("labels");
  return labels.filter(({ text }) => /^\d\d:\d\d:\d\d$/.test(text));
}

describe.skipIf(chromium === undefined)("in a browser, the page", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch(chromium!);
  });

  afterAll(() => browser.close());

  test.each(LOOKS)(
    "fits $width pixels, $theme, and asks nobody else",
    async (look) => {
      await using admin = await adminOf(lively(10_000));
      await using open = await visit(browser, new URL(admin.url), look);
      const { page, said, requests } = open;
      await found(page, "The 100 with the most bytes of 10,000");
      expect(await page.title()).toStartWith("10,000 open · ");
      expect(await rows(page).count()).toBe(100);
      expect(await page.locator("canvas").count()).toBe(2);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(
        look.width,
      );
      expect(said).toEqual([]);
      expect(requests).toEqual([]);
    },
  );

  test("shows what changes from one second to the next", async () => {
    const source = lively(2);
    const [peer] = source.peers;
    source.onAsk = () => {
      peer!.bytesIn += 5_000_000;
      peer!.bytesOut += 3_000_000;
    };
    await using admin = await adminOf(source);
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const row = rows(open.page).first();
    const cell = (name: string, text: string | RegExp) =>
      row.locator(`.${name}`, { hasText: text }).waitFor();
    const figure = (name: string, text: string) =>
      open.page
        .locator("#figures > div", { hasText: name })
        .filter({ hasText: text })
        .waitFor();
    await cell("peer", "10.0.0.1:20001");
    await cell("age", /^1m \d\ds$/);
    await cell("rate-in", "5.00 MB/s");
    await cell("rate-out", "3.00 MB/s");
    await figure("Received", "5.00 MB/s");
    await figure("Sent", "3.00 MB/s");
    const received = row.locator(".received");
    const before = (await received.textContent())!;
    await received.filter({ hasNotText: before }).waitFor();

    peer!.stalled = true;
    peer!.pending = 2_000_000;
    await cell("stalled", "stalled");
    await cell("pending", "2.00 MB");
    await figure("Stalled", "6 since the start");
    await figure("Pending", "2.00 MB");

    source.peers.pop();
    await found(open.page, "1 connection.");
    expect(await rows(open.page).count()).toBe(1);
  });

  test.each([390, 1280])(
    "writes all of its charts' times, %d pixels wide",
    async (width) => {
      const source = lively(2);
      // Seconds that bring a time to the edge where it ends.
      source.now = () => Date.UTC(2026, 10, 1, 9, 13, 30) + source.asked.length;
      await using admin = await adminOf(source);
      const look = { ...WIDE, width };
      await using open = await visit(browser, new URL(admin.url), look);
      await open.page.evaluate(RECORD);
      const times = await timesIn(open.page);
      expect(times.length).toBeGreaterThan(0);
      for (const { left, right, room } of times) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(room);
      }
    },
  );

  test("writes no time before it has heard of one", async () => {
    const source = lively(2);
    source.snapshot = () => new Promise(() => {});
    await using admin = await adminOf(source);
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const { page } = open;
    await page.locator("canvas").first().waitFor();
    await page.evaluate(RECORD);
    // It draws anew in another size.
    await page.setViewportSize({ width: 900, height: 900 });
    expect(await timesIn(page)).toEqual([]);
  });

  test("searches all connections, and shows more of them", async () => {
    await using admin = await adminOf(lively(10_000));
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const { page, said } = open;
    for (const limit of ["300", "1,000"]) {
      await page.getByRole("button", { name: "Show more" }).click();
      await found(page, `The ${limit} with the most bytes of 10,000`);
    }
    expect(await rows(page).count()).toBe(1000);
    expect(await page.locator("#more").isVisible()).toBe(false);

    await page.getByRole("searchbox").fill("10.0.38.");
    await found(page, "256 of 10,000 connections match.");
    expect(await rows(page).count()).toBe(256);
    expect(page.url()).toEndWith("/?search=10.0.38.&limit=1000");

    await page.reload();
    await found(page, "256 of 10,000 connections match.");
    await page.getByRole("searchbox").fill("nobody");
    await found(page, "None of 10,000 connections matches.");
    expect(await rows(page).count()).toBe(0);
    expect(said).toEqual([]);
  });

  test("sorts all connections by what is clicked", async () => {
    await using admin = await adminOf(lively(10_000));
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const { page, said } = open;
    const first = (text: string) =>
      rows(page).first().locator(".peer", { hasText: text }).waitFor();
    const sortBy = (name: string) =>
      page.getByRole("columnheader").getByRole("button", { name }).click();
    const sorted = (name: string) =>
      page.getByRole("columnheader", { name }).getAttribute("aria-sort");
    await first("10.0.0.1:20001");
    expect(await sorted("Peer")).toBeNull();
    await sortBy("Peer");
    await sortBy("Peer");
    await first("10.0.39.16:30000");
    await found(page, "The first 100 of 10,000, in this order.");
    expect(await sorted("Peer")).toBe("descending");
    expect(page.url()).toEndWith("/?sort=-peer");
    await sortBy("Received");
    await first("10.0.0.1:20001");
    await sortBy("Received");
    await first("10.0.39.16:30000");
    expect(await sorted("Received")).toBe("ascending");
    expect(await sorted("Peer")).toBeNull();

    await page.reload();
    await first("10.0.39.16:30000");
    await sortBy("Received");
    await first("10.0.0.1:20001");
    expect(page.url()).toEndWith("/");
    expect(said).toEqual([]);
  });

  test("shows limits beside what they are of", async () => {
    const source = lively(2);
    await using admin = await adminOf(source);
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const figure = (name: string) =>
      open.page.locator("#figures > div", { hasText: name });
    const says = (name: string, text: string) =>
      figure(name).filter({ hasText: text }).waitFor();
    await says("Connections", "of\u00a010,000\u00a0at\u00a0most");
    await says("Pending", "of\u00a0268\u00a0MB\u00a0at\u00a0most");
    source.totals = { limits: { connections: 2, pending: null } };
    await says("Connections", "of\u00a02\u00a0at\u00a0most");
    await open.page
      .locator("#figures > div.alarming", { hasText: "Connections" })
      .waitFor();
    await figure("Pending").filter({ hasNotText: "at\u00a0most" }).waitFor();
  });

  test("shows what was before it was opened", async () => {
    const source = lively(2);
    source.now = Date.now;
    await using admin = await adminOf(source);
    const kept = async () =>
      (await (await fetch(`${admin.url}/history`)).json()) as [number][];
    while ((await kept()).length < 3) await Bun.sleep(20);
    const [[first]] = (await kept()) as [[number]];
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const { page, said } = open;
    await state(page, "Live");
    // Where somebody points the legend tells of the nearest: here, the first.
    const position = { x: 2, y: 50 };
    const chart = page.locator("#connections .u-over");
    const time = new Date(first).toTimeString().slice(0, 8);
    const legend = page.locator("#connections .u-legend", { hasText: time });
    while ((await legend.count()) === 0) await chart.hover({ position });
    expect(said).toEqual([]);
  });

  test("takes what peers call themselves for text", async () => {
    const source = lively(HOSTILE.length);
    source.peers.forEach((peer, index) => {
      peer.peer = HOSTILE[index]!;
    });
    const title = HOSTILE[0]!;
    await using admin = await adminOf(source, { title });
    await using open = await visit(browser, new URL(admin.url), WIDE);
    const { page, said, requests } = open;
    await found(page, "5 connections.");
    expect(await page.locator("td.peer").allTextContents()).toEqual(HOSTILE);
    expect(await page.locator("h1").textContent()).toBe(title);
    expect(
      await page
        .locator("#peers *:not(thead, tbody, tr, th, td, button)")
        .count(),
    ).toBe(0);
    expect(await page.title()).toBe(`5 open · ${title}`);
    expect(said).toEqual([]);
    expect(requests).toEqual([]);
  });

  test("says that the server drains, is gone, and is back", async () => {
    const source = lively(3);
    const first = await adminOf(source);
    await using open = await visit(browser, new URL(first.url), WIDE);
    const { page } = open;
    await state(page, "Live");
    source.why = "draining";
    await state(page, "Draining");
    source.why = "no-worker";
    await state(page, "In trouble");
    source.why = "no-files";
    await state(page, "Full");
    source.trouble = new Error("a worker is busy");
    await state(page, "In trouble");
    await first.stop();
    await state(page, "No answer");
    expect(await page.title()).toStartWith("gone · ");

    const { address } = first;
    await using second = await startAdmin({
      address,
      source: lively(7),
      version: "1.2.3",
    });
    await state(page, "Live");
    await found(page, "7 connections.");
    expect(second.address).toEqual(address);
  });
});
