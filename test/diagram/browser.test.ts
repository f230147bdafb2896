import { expect, test } from "bun:test";
import { createContext, runInContext } from "node:vm";

import { buildDiagram } from "../../src/diagram/build.ts";
import { svgOf } from "../../src/diagram/svg.ts";
import { event } from "./events.ts";

const EVENTS = [
  event("client", 0, "connect", { connection: null }),
  event("client", 1, "connected"),
  event("client", 2, "write", { bytes: 9, data: `<&>"' \\x00` }),
  event("client", 300, "read", { bytes: 9 }),
  event("client", 301, "finish"),
];

test("a picture is drawn where there is neither Bun nor Node", async () => {
  const { outputs, success } = await Bun.build({
    entrypoints: [`${import.meta.dir}/../../src/diagram/svg.ts`].concat(
      `${import.meta.dir}/../../src/diagram/build.ts`,
    ),
    target: "browser",
    format: "cjs",
  });
  expect(success).toBe(true);
  const draw = { module: { exports: {} as Record<string, unknown> } };
  const parts: Record<string, unknown> = {};
  for (const output of outputs) {
    const code = await output.text();
    const context = createContext({ module: draw.module });
    runInContext(code, context);
    Object.assign(parts, draw.module.exports);
  }
  const build = parts["buildDiagram"] as typeof buildDiagram;
  const svg = parts["svgOf"] as typeof svgOf;
  expect(svg(build(EVENTS))).toBe(svgOf(buildDiagram(EVENTS)));
});

/** WCAG 2.2: relative luminance. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

test("all that is written can be read on its ground, light and dark", () => {
  const svg = svgOf(buildDiagram(EVENTS));
  const [, light = "", dark = ""] =
    /<style>([^]*?)@media \(prefers-color-scheme:dark\)([^]*?)<\/style>/.exec(
      svg,
    ) ?? [];
  for (const style of [light, dark]) {
    const [, ground = ""] = /\.ground\{fill:(#\w{6})\}/.exec(style) ?? [];
    const texts = Array.from(style.matchAll(/text[^{}]*\{fill:(#\w{6})\}/g));
    expect(texts.length).toBeGreaterThan(10);
    for (const [, colour] of texts) {
      const [low, high] = [luminance(colour!), luminance(ground)].toSorted(
        (a, b) => a - b,
      );
      expect((high! + 0.05) / (low! + 0.05)).toBeGreaterThan(4.5);
    }
  }
});
