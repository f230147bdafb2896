import { html, type Markup } from "../../report/html/markup.ts";
import { formatDuration } from "../../units.ts";
import { DEFAULTS } from "../checks/idle/ladder.ts";
import type { Direction } from "../checks/idle/resting.ts";
import type { NamedFinding } from "../finding.ts";

const WIDTH = 720;
const HEIGHT = 120;
const LEFT = 20;
const LINE = 62;

interface Rung {
  seconds: number;
  /** `alive`, or how it ended. */
  result: string;
  direction: Direction | undefined;
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
  const bracket = bracketIn(evidence);
  return html`<figure class="card ladder">
    <figcaption>
      <h2>Idle times</h2>
      <p class="about">${text}</p>
    </figcaption>
    <div class="scroll" role="region" aria-label="Idle times" tabindex="0">
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        role="img"
        aria-label="${spoken(rungs)}"
      >
        ${bracket && bracketMark(x(bracket.survived), x(bracket.killed))}
        ${known(least, most).map(({ seconds }) => defaultMark(x(seconds)))}
        <line x1="${LEFT}" y1="${LINE}" x2="${WIDTH - LEFT}" y2="${LINE}" />
        ${ticks(least, most).map((seconds) => tick(x(seconds), seconds))}
        ${rungs.map((rung) => mark(x(rung.seconds), rung))}
      </svg>
    </div>
    <p class="about">
      <span class="key alive">● alive</span>
      <span class="key dead">✕ dead</span>
      <span class="key unknown">○ can't be told</span>
      ${bracket && html`<span class="key bracket">▮ it ends in here</span>`}
    </p>
    ${defaultsList(known(least, most))}
  </figure> `;
}

/** Between what survived and what did not, where something died. */
function bracketIn({ survived, killed }: Record<string, unknown>) {
  return typeof survived === "number" && typeof killed === "number"
    ? { survived: survived > 0 ? survived : killed * 0.9, killed }
    : null;
}

function bracketMark(from: number, to: number): Markup {
  return html`<rect
    class="bracket"
    x="${Math.min(from, to)}"
    y="${LINE - 24}"
    width="${Math.max(Math.abs(to - from), 3)}"
    height="48"
  />`;
}

function known(least: number, most: number) {
  return DEFAULTS.filter(({ seconds }) => seconds >= least && seconds <= most);
}

function defaultMark(at: number): Markup {
  return html`<line
    class="known"
    x1="${at}"
    y1="${LINE - 40}"
    x2="${at}"
    y2="${LINE}"
  />`;
}

function defaultsList(defaults: typeof DEFAULTS): Markup | null {
  if (defaults.length === 0) return null;
  return html`<p class="about">
    Dashed: what devices do by default:
    ${defaults
      .map(
        ({ seconds, devices }) =>
          `${formatDuration(seconds * 1000)}, ${devices}`,
      )
      .join("; ")}.
  </p> `;
}

function tick(at: number, seconds: number): Markup {
  return html`<line
      class="tick"
      x1="${at}"
      y1="${LINE - 5}"
      x2="${at}"
      y2="${LINE + 5}"
    />
    <text x="${at}" y="${LINE + 40}">${formatDuration(seconds * 1000)}</text>`;
}

/** Those of the two directions lie above each other. */
function mark(at: number, { seconds, result, direction }: Rung): Markup {
  const y = LINE + (direction === "from-server" ? 12 : -12);
  const kind = classOf(result);
  const who = direction === undefined ? "" : WHO[direction];
  const title = html`<title>
    ${formatDuration(seconds * 1000)}${who}: ${result}
  </title>`;
  if (kind === "dead") {
    return html`<path class="dead" d="M${at - 5} ${y - 5}l10 10m0 -10l-10 10">
      ${title}
    </path>`;
  }
  return html`<circle class="${kind}" cx="${at}" cy="${y}" r="5">
    ${title}
  </circle>`;
}

const WHO = {
  "from-client": ", the client spoke",
  "from-server": ", the server spoke",
};

function rungsIn(value: unknown): Rung[] {
  if (!Array.isArray(value)) return [];
  return value
    .flatMap((one: Record<string, unknown>) => {
      const { seconds, result } = one;
      const direction = DIRECTIONS.find((its) => its === one["direction"]);
      return typeof seconds === "number" &&
        typeof result === "string" &&
        seconds > 0
        ? [{ seconds, result, direction }]
        : [];
    })
    .toSorted((a, b) => a.seconds - b.seconds);
}

const DIRECTIONS = ["from-client", "from-server"] as const;

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
