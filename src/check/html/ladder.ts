import { html, type Markup } from "../../report/html/markup.ts";
import { formatDuration } from "../../units.ts";
import type { NamedFinding } from "../finding.ts";

const WIDTH = 720;
const HEIGHT = 120;
const LEFT = 20;
const LINE = 62;

interface Rung {
  seconds: number;
  /** `alive`, or how it ended. */
  result: string;
}

/** Idle times that were tried, and what became of each, on a logarithmic scale. */
export function ladder({ evidence, text }: NamedFinding): Markup | null {
  const rungs = rungsIn(evidence["rungs"]);
  if (rungs.length === 0) return null;
  const times = rungs.map(({ seconds }) => seconds);
  const least = Math.min(...times) * 0.8;
  const most = Math.max(...times) * 1.25;
  const x = (seconds: number) =>
    LEFT +
    ((Math.log(seconds) - Math.log(least)) /
      (Math.log(most) - Math.log(least))) *
      (WIDTH - 2 * LEFT);
  const marks = ticks(least, most);
  return html`<figure class="card ladder">
    <figcaption>
      <h2>Idle times</h2>
      <p class="about">${text}</p>
    </figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="${spoken(rungs)}"
    >
      <line x1="${LEFT}" y1="${LINE}" x2="${WIDTH - LEFT}" y2="${LINE}" />
      ${marks.map(
        (seconds) =>
          html`<line
              class="tick"
              x1="${x(seconds)}"
              y1="${LINE - 5}"
              x2="${x(seconds)}"
              y2="${LINE + 5}"
            />
            <text x="${x(seconds)}" y="${LINE + 28}">
              ${formatDuration(seconds * 1000)}
            </text>`,
      )}
      ${rungs.map(
        ({ seconds, result }) =>
          html`<circle
            class="${classOf(result)}"
            cx="${x(seconds)}"
            cy="${LINE}"
            r="6"
          >
            <title>${formatDuration(seconds * 1000)}: ${result}</title>
          </circle>`,
      )}
    </svg>
    <p class="about">
      <span class="key alive">● alive</span>
      <span class="key dead">● dead</span>
      <span class="key unknown">● can't be told</span>
    </p>
  </figure> `;
}

function rungsIn(value: unknown): Rung[] {
  if (!Array.isArray(value)) return [];
  return value
    .flatMap((one: Record<string, unknown>) => {
      const { seconds, result } = one;
      return typeof seconds === "number" &&
        typeof result === "string" &&
        seconds > 0
        ? [{ seconds, result }]
        : [];
    })
    .toSorted((a, b) => a.seconds - b.seconds);
}

function classOf(result: string): string {
  if (result === "alive" || result === "unknown") return result;
  return "dead";
}

const NICE = [
  0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400,
];
/** In the drawing's units: closer, one would cover the other. */
const APART = 60;

function ticks(least: number, most: number): number[] {
  const inside = NICE.filter((one) => one >= least && one <= most);
  const room = Math.floor(WIDTH / APART);
  const every = Math.ceil(inside.length / room);
  return inside.filter((_, index) => index % every === 0);
}

function spoken(rungs: readonly Rung[]): string {
  return rungs
    .map(
      ({ seconds, result }) => `${formatDuration(seconds * 1000)}: ${result}`,
    )
    .join(", ");
}
