import type { TcpState } from "../kernel/tcp-info.ts";
import { printable } from "../printable.ts";
import type { Side } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";
import type { Arrow, Diagram, Gap, Row, Span } from "./diagram.ts";
import { timeText } from "./labels.ts";
import { Layout } from "./layout.ts";

/** In the picture's units: pixels, where it is shown as it is. */
const WIDTH = 920;
const LIFELINE: Record<Side, number> = { client: 320, server: 600 };
const BAR = 5;

/** What a state belongs to, for its colour. */
const STATES: Readonly<Record<TcpState, keyof typeof LIGHT>> = {
  LISTEN: "shake",
  "SYN-SENT": "shake",
  "SYN-RECEIVED": "shake",
  ESTABLISHED: "open",
  "FIN-WAIT-1": "fin",
  "FIN-WAIT-2": "fin",
  CLOSING: "fin",
  "CLOSE-WAIT": "half",
  "LAST-ACK": "fin",
  "TIME-WAIT": "rst",
  CLOSED: "muted",
  UNKNOWN: "muted",
};

/** The family's colours; without variables, which not every viewer knows. */
const LIGHT = {
  ground: "#ffffff",
  ink: "#14212a",
  muted: "#53646e",
  rule: "#c9d3d8",
  data: "#0a7285",
  open: "#11703a",
  half: "#7a5200",
  fin: "#a84d04",
  rst: "#b3261e",
  shake: "#6b46c1",
};
const DARK: typeof LIGHT = {
  ground: "#141d21",
  ink: "#e4ebee",
  muted: "#9badb6",
  rule: "#3a4a52",
  data: "#4cc4da",
  open: "#63d493",
  half: "#f2c35b",
  fin: "#f2a04d",
  rst: "#ff8f87",
  shake: "#b39bf5",
};

/** @param colours as the reader's system has it, dark or light */
function coloured(colours: typeof LIGHT): string {
  const { ground, ink, muted, rule, data, fin, rst, shake } = colours;
  const states = Object.entries(STATES).map(
    ([state, kind]) =>
      `.d line.${state}{stroke:${colours[kind]}}.d text.${state}{fill:${colours[kind]}}`,
  );
  return `.d .ground{fill:${ground}}.d text,.d .dot{fill:${ink}}.d .muted,.d .time{fill:${muted}}
.d .lab,.d .break{stroke:${ground}}.d .crack{stroke:${muted}}.d .life{stroke:${rule}}.d .data{stroke:${data}}.d .fin{stroke:${fin}}.d .rst{stroke:${rst}}
.d .handshake,.d .tls{stroke:${shake}}.d .tip-data{fill:${data}}.d .tip-fin{fill:${fin}}.d .tip-rst{fill:${rst}}.d .tip-handshake,.d .tip-tls{fill:${shake}}
${states.join("")}`;
}

export const STYLE = `
.d{font:13px/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.d .head{font-size:16px;font-weight:600}.d .mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
.d .life{stroke-width:2}.d .inferred{opacity:.75;font-style:italic}.d .arrow{fill:none;stroke-width:1.8}.d .guess{stroke-dasharray:5 4}
.d .lab{font-size:12px;paint-order:stroke;stroke-width:4px}.d .state{font-size:11px;font-weight:600}.d .bar{stroke-width:6}.d .step{font-weight:600}
.d .break{stroke-width:10}.d .crack{fill:none;stroke-width:1.5}.d .pass{font-size:12px;font-weight:600}
${coloured(LIGHT)}
@media (prefers-color-scheme:dark){${coloured(DARK)}}
`;

export interface SvgOptions {
  /** Its sentences stand below it; otherwise whoever shows it has them. */
  sentences?: boolean;
}

/**
 * The picture as SVG: valid XML, whatever bytes were sent. It is made of nothing
 * but its argument, and in a browser as well.
 */
export function svgOf(
  diagram: Diagram,
  { sentences = true }: SvgOptions = {},
): string {
  const { rows, arrows, summary, notes } = diagram;
  const said = sentences
    ? [...summary, ...notes].flatMap((text) => lines(text, 120))
    : [];
  const layout = new Layout(rows);
  const { bottom } = layout;
  const height = bottom + 26 + said.length * 20;
  const parts = [
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    heads(diagram),
    ...(["client", "server"] as const).map((side) => lifeline(side, bottom)),
    ...spansOf(diagram, layout),
    ...rows.flatMap(({ gap }, index) =>
      gap === undefined ? [] : gapOf(gap, layout.gapAt(index)),
    ),
    ...arrows.map((arrow) => arrowOf(arrow, layout)),
    ...rows.map((row, index) => rowOf(row, layout.at(index))),
    ...said.map(
      (text, index) =>
        `<text x="20" y="${bottom + 30 + index * 20}">${escaped(text)}</text>`,
    ),
  ];
  const title = `${diagram.client || "client"} and ${diagram.server || "server"}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="d" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"><title>The conversation of ${escaped(title)}</title><desc>${escaped(summary.join(" "))}</desc><style>${STYLE}</style>${markers()}${parts.join("\n")}</svg>
`;
}

/** XML has no control characters, not even written as references. */
export function escaped(text: string): string {
  const safe = printable(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, "�");
  return safe.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function markers(): string {
  const tips = ["handshake", "data", "fin", "rst", "tls"].map(
    (kind) =>
      `<marker id="tip-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="tip-${kind}" d="M0 0 10 5 0 10z"/></marker>`,
  );
  return `<defs>${tips.join("")}</defs>`;
}

function heads({ client, server, sides }: Diagram): string {
  const head = (side: Side, name: string) => {
    const seen = sides.includes(side) ? "" : " (inferred)";
    const x = LIFELINE[side];
    return `<text class="head" text-anchor="middle" x="${x}" y="30">${side}${seen}</text><text class="mono muted" text-anchor="middle" x="${x}" y="50">${escaped(name)}</text>`;
  };
  return head("client", client) + head("server", server);
}

function lifeline(side: Side, bottom: number): string {
  const x = LIFELINE[side];
  return `<line class="life" x1="${x}" x2="${x}" y1="62" y2="${bottom}"/>`;
}

function spansOf({ spans }: Diagram, layout: Layout): string[] {
  const next: Partial<Record<Side, number>> = {};
  return spans
    .toReversed()
    .map((span) => {
      const end = next[span.side] ?? layout.bottom;
      const y = layout.at(span.start);
      next[span.side] = y;
      return spanOf(span, y, end);
    })
    .toReversed();
}

function spanOf({ side, state, known }: Span, y: number, end: number): string {
  const x = LIFELINE[side];
  const dash = known ? "" : ` stroke-dasharray="4 3"`;
  const bar = `<line class="bar ${state}" x1="${x}" x2="${x}" y1="${y}" y2="${Math.max(end, y + 4)}"${dash}/>`;
  const anchor = side === "client" ? "end" : "start";
  const at = side === "client" ? x - 14 : x + 14;
  return `${bar}<text class="state lab ${state}" text-anchor="${anchor}" x="${at}" y="${y + 20}">${state}</text>`;
}

/** Where both lines are broken, and what passes there. */
function gapOf(gap: Gap, y: number): string {
  const broken = (["client", "server"] as const).map((side) => {
    const x = LIFELINE[side];
    const crack = (at: number) => `M${x - 9} ${at + 4} l6 -8 l6 8 l6 -8`;
    return `<line class="break" x1="${x}" x2="${x}" y1="${y - 5}" y2="${y + 5}"/><path class="crack" d="${crack(y - 4)} ${crack(y + 4)}"/>`;
  });
  const middle = (LIFELINE.client + LIFELINE.server) / 2;
  const pass =
    gap.kind === "wait"
      ? formatDuration(gap.ms)
      : `${gap.steps} steps are left out`;
  const said = `<text class="pass lab" text-anchor="middle" x="${middle}" y="${y + 4}">⋮ ${escaped(pass)} ⋮</text>`;
  const why = gap.kind === "wait" && gap.blocked ? BLOCKED : [];
  const x = LIFELINE.server + 14;
  return [
    ...broken,
    said,
    ...why.map(
      (text, index) =>
        `<text class="lab muted" x="${x}" y="${y - 4 + index * 16}">${text}</text>`,
    ),
  ].join("");
}

/** Beside the server's line, in two lines. */
const BLOCKED = [
  "a thread would be blocked here;",
  "an event loop serves others meanwhile",
];

function rowOf(
  { side, at, step, label, known, kind }: Row,
  place: number,
): string {
  const y = place + 4;
  const isClient = side === "client";
  const x = LIFELINE[side] + (isClient ? -14 : 14);
  const anchor = isClient ? "end" : "start";
  const number =
    step === undefined ? "" : `<tspan class="step">(${step})</tspan> `;
  const style = [known ? "" : "inferred", kind === "wait" ? "muted" : ""]
    .join(" ")
    .trim();
  // Where times stand beside it, there is less room.
  const room = isClient ? 34 : 44;
  const clipped = label.length > room ? `${label.slice(0, room - 1)}…` : label;
  const time = known
    ? `<text class="time mono" x="12" y="${y}">${timeText(at)}</text>`
    : "";
  return `${time}<circle cx="${LIFELINE[side]}" cy="${place}" r="3.5" class="dot"/><text class="${style}" text-anchor="${anchor}" x="${x}" y="${y}">${number}${escaped(clipped)}</text>`;
}

function arrowOf(
  { from, start, end, label, kind, known }: Arrow,
  layout: Layout,
): string {
  const isOut = from === "client";
  const [x1, x2] = isOut
    ? [LIFELINE.client + BAR, LIFELINE.server - BAR]
    : [LIFELINE.server - BAR, LIFELINE.client + BAR];
  const [y1, y2] = [layout.at(start), layout.at(end)];
  const guess = known ? "" : " guess";
  const middle = (LIFELINE.client + LIFELINE.server) / 2;
  const y = (y1 + y2) / 2;
  // Along the arrow, upright.
  const slope = (y2 - y1) / (x2 - x1);
  const angle = ((Math.atan(slope) * 180) / Math.PI).toFixed(1);
  return `<path class="arrow ${kind}${guess}" d="M${x1} ${y1} L${x2} ${y2}" marker-end="url(#tip-${kind})"/><text class="lab mono" text-anchor="middle" x="${middle}" y="${y - 5}" transform="rotate(${angle} ${middle} ${y})">${escaped(label)}</text>`;
}

/** A sentence in lines of so many characters. */
function lines(text: string, most: number): string[] {
  const found: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > most) {
      found.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...found, line];
}
