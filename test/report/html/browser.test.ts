import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";

import { htmlComparison } from "../../../src/report/html/comparison.ts";
import { htmlReport } from "../../../src/report/html/page.ts";
import { compare } from "../../../src/result/compare.ts";
import { merge, attributed } from "../../../src/result/merge.ts";
import { launch, type Look, visit } from "../../support/browser.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";
import { failing, openLoop, searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

const machines = [1, 2, 3].map((seed) => ({
  name: `machine_with_a_long_name_${seed}.json`,
  result: resultOf(serviceTimes({ seed, messages: 200 })),
}));

const REPORTS: Record<string, { html: string; charts: number }> = {
  failing: { html: htmlReport(failing), charts: 3 },
  search: { html: htmlReport(searching), charts: 4 },
  // Its last tick is the end of the axis.
  "ten thousand": {
    html: htmlReport(resultOf(serviceTimes({ messages: 1000 }))),
    charts: 3,
  },
  merged: {
    html: htmlReport(merge(machines.map(attributed)), machines),
    charts: 3,
  },
  // Their first errors tell machines.
  "merged, failing": {
    html: htmlReport(
      merge(
        machines
          .slice(0, 2)
          .map(({ name }) => attributed({ name, result: failing })),
      ),
    ),
    charts: 2,
  },
  comparison: {
    html: htmlComparison(compare(machines[0]!, machines.slice(1))),
    charts: 3,
  },
};

/** One good step alone, and one that missed without a p99. */
const [good, , missed] = searching.search!.steps;
const narrowSearch = htmlReport({
  ...searching,
  search: {
    rate: 1000,
    steps: [good!, { ...missed!, p50: null, p99: null }],
  },
});

const LOOKS: Look[] = [
  { width: 1280, theme: "light" },
  { width: 1280, theme: "dark" },
  { width: 390, theme: "light" },
  { width: 390, theme: "dark" },
];

const chromium = peerProgram("chromium");

/** How many colours there are in each of a page's canvases. */
function coloursOf(page: Page): Promise<number[]> {
  return page.evaluate(`Array.from(
    document.querySelectorAll("canvas"),
    (canvas) => new Set(new Uint32Array(
      canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.buffer,
    )).size,
  )`);
}

/** The colours of p50's line and of what went wrong, in light. */
const P50 = [10, 114, 133];
const ERRORS = [212, 48, 43];

/** How many points of a chart have a colour. */
function pixelsOf(
  page: Page,
  chart: string,
  [red, green, blue]: number[],
): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector("[data-chart=${chart}] canvas");
    const { data } = canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, alpha] = data.subarray(at, at + 4);
      if (red === ${red} && green === ${green} && blue === ${blue} && alpha === 255) {
        count += 1;
      }
    }
    return count;
  })()`);
}

describe.skipIf(chromium === undefined)("in a browser, a report", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    for (const [name, { html }] of Object.entries(REPORTS)) {
      await Bun.write(folder.path(`${name}.html`), html);
    }
    browser = await launch(chromium!);
  });

  afterAll(async () => {
    await browser.close();
    await folder[Symbol.asyncDispose]();
  });

  const open = (name: string, look = LOOKS[0]!) =>
    visit(browser, folder.path(`${name}.html`), look);

  for (const [name, { charts }] of Object.entries(REPORTS)) {
    test(`draws its charts, asks for nothing, and fits: ${name}`, async () => {
      for (const look of LOOKS) {
        await using visited = await open(name, look);
        const { page, said, requests } = visited;
        const colours = await coloursOf(page);
        expect(colours).toHaveLength(charts);
        // Axes alone have a few: lines and what smooths them many more.
        for (const count of colours) expect(count).toBeGreaterThan(20);
        expect(said).toEqual([]);
        expect(requests).toEqual([]);
        const width = "document.documentElement.scrollWidth";
        expect(await page.evaluate<number>(width)).toBe(look.width);
      }
    });
  }

  test("tells the figures under the pointer", async () => {
    await using visited = await open("failing");
    const { page } = visited;
    const plot = page.locator("[data-chart=latency] .u-over");
    await plot.hover({ position: { x: 1, y: 20 } });
    const legend = page.locator("[data-chart=latency] .u-value");
    expect(await legend.allInnerTexts()).toEqual(["1", "80 µs", "142 µs"]);
    // Its neighbour's pointer is at the same second.
    const other = page.locator("[data-chart=throughput] .u-value");
    expect((await other.allInnerTexts()).slice(0, 2)).toEqual(["1", "4,000/s"]);
  });

  test("names no second, percentile or rate before the pointer is at one", async () => {
    await using visited = await open("search");
    const { page } = visited;
    for (const [chart, name] of [
      ["latency", "second"],
      ["spectrum", "percentile"],
      ["search", "rate"],
    ]) {
      const legend = page.locator(`[data-chart=${chart}] .u-legend tr`);
      const word = legend.filter({ hasText: name! }).first();
      expect(await word.isVisible()).toBe(false);
      await page.locator(`[data-chart=${chart}] .u-over`).hover();
      expect(await word.isVisible()).toBe(true);
    }
  });

  for (const name of Object.keys(REPORTS)) {
    test(`cuts no label of its axes: ${name}`, async () => {
      for (const width of [1000, 390]) {
        await using visited = await open(name, { width, theme: "light" });
        const cut = await visited.page.evaluate<string[]>(`(async () => {
          const cut = [];
          const { fillText } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
            const { width } = this.measureText(text);
            const from = { right: x - width, end: x - width, center: x - width / 2 };
            const left = (from[this.textAlign] ?? x) + this.getTransform().e;
            if (left < 0 || left + width > this.canvas.width) cut.push(text);
            fillText.call(this, text, x, y);
          };
          dispatchEvent(new Event("afterprint"));
          await new Promise(requestAnimationFrame);
          return cut;
        })()`);
        expect(cut).toEqual([]);
      }
    });

    test(`cuts nothing off its tables: ${name}`, async () => {
      for (const width of [1000, 390]) {
        await using visited = await open(name, { width, theme: "light" });
        const cut = await visited.page.evaluate<string[]>(`Array.from(
          document.querySelectorAll(".scroll th, .scroll td"),
        ).filter((cell) => {
          const { right, width } = cell.getBoundingClientRect();
          const place = cell.closest(".scroll").getBoundingClientRect();
          return width > 0 && right > place.right + 1;
        }).map((cell) => cell.textContent.trim())`);
        expect({ width, cut }).toEqual({ width, cut: [] });
      }
    });
  }

  test("cuts nothing off a comparison on a phone", async () => {
    const look: Look = { width: 375, theme: "light" };
    await using visited = await open("comparison", look);
    const { page } = visited;
    const cut = await page.evaluate<string[]>(`Array.from(
      document.querySelectorAll(".compared th, .compared td"),
    ).filter((cell) => {
      const { right } = cell.getBoundingClientRect();
      const place = cell.closest(".scroll").getBoundingClientRect();
      return cell.scrollWidth > cell.clientWidth || right > place.right + 1;
    }).map((cell) => cell.textContent)`);
    expect(cut).toEqual([]);
    // One line each: "p99.99" is not broken.
    const lines = await page.evaluate<number[]>(`Array.from(
      document.querySelectorAll(".compared th[scope=row]"),
      (cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getClientRects().length;
      },
    )`);
    expect(new Set(lines)).toEqual(new Set([1]));
  });

  test("draws a value that stands alone", async () => {
    const { series } = openLoop;
    const html = htmlReport({
      ...openLoop,
      series: series.map((second, index) => ({
        ...second,
        p50: index === 2 || index === 9 ? second.p50 : null,
        p99: null,
      })),
    });
    await Bun.write(folder.path("lonely.html"), html);
    await using visited = await open("lonely");
    const drawn = await pixelsOf(visited.page, "latency", P50);
    expect(drawn).toBeGreaterThan(4);
    expect(drawn).toBeLessThan(100);
  });

  test("draws a search's one step that has figures, and the one without", async () => {
    await Bun.write(folder.path("narrow.html"), narrowSearch);
    await using visited = await open("narrow");
    for (const colour of [P50, ERRORS]) {
      const drawn = await pixelsOf(visited.page, "search", colour);
      expect(drawn).toBeGreaterThan(4);
    }
  });

  test("copies the command, by keyboard too", async () => {
    await using visited = await open("failing");
    const { page } = visited;
    const context = page.context();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const button = page.getByRole("button");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      failing.command,
    );
  });

  test("changes its theme with the system", async () => {
    await using visited = await open("failing");
    const { page } = visited;
    const ground = () =>
      page.evaluate<string>(
        "getComputedStyle(document.documentElement).backgroundColor",
      );
    const drawn = () =>
      page.evaluate<string>("document.querySelector('canvas').toDataURL()");
    const [light, inLight] = [await ground(), await drawn()];
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(
      "(before) => document.querySelector('canvas').toDataURL() !== before",
      inLight,
    );
    expect(await ground()).not.toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(
      "(before) => document.querySelector('canvas').toDataURL() === before",
      inLight,
    );
  });

  test("prints dark on light, in a dark theme too", async () => {
    await using visited = await open("failing", { width: 1280, theme: "dark" });
    const { page } = visited;
    await page.emulateMedia({ media: "print" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const style = await page.evaluate<{ ink: string; width: number }>(`({
      ink: getComputedStyle(document.body).color,
      width: document.querySelector("canvas").clientWidth,
    })`);
    expect(style).toEqual({ ink: "rgb(20, 33, 42)", width: 336 });
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  });

  test("runs no script that a result brings with it", async () => {
    const evil =
      "</script><script>window.ran = 1</script><img src=x onerror='window.ran=1'>";
    const html = htmlReport({ ...openLoop, target: evil, warnings: [evil] });
    await Bun.write(folder.path("evil.html"), html);
    await using visited = await open("evil");
    const { page, said, requests } = visited;
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(await page.locator("h1").innerText()).toBe(evil);
    expect([...said, ...requests]).toEqual([]);
  });
});
