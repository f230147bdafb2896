import { printable } from "../printable.ts";
import { formatDuration } from "../units.ts";
import type { Side } from "../socket/trace/event.ts";
import type { Arrow, Diagram, Row, Span } from "./diagram.ts";

/** In the picture's units: pixels, where it is shown as it is. */
const WIDTH = 920;
const TOP = 86;
const ROW = 40;
const LIFELINE: Record<Side, number> = { client: 320, server: 600 };
const BAR = 5;

/** Colours of states: of the handshake, open, closing, left, gone. */
const COLOURS: Readonly<Record<string, string>> = {
  LISTEN: "#8a6fd1",
  "SYN-SENT": "#8a6fd1",
  "SYN-RECEIVED": "#8a6fd1",
  ESTABLISHED: "#2f9e6e",
  "FIN-WAIT-1": "#d9822b",
  "FIN-WAIT-2": "#d9822b",
  CLOSING: "#d9822b",
  "CLOSE-WAIT": "#b8901c",
  "LAST-ACK": "#d9822b",
  "TIME-WAIT": "#c2413a",
  CLOSED: "#8b98a0",
  UNKNOWN: "#8b98a0",
};

/** The family's colours; without variables, which not every viewer knows. */
const LIGHT = {
  ground: "#ffffff",
  ink: "#14212a",
  muted: "#53646e",
  rule: "#c9d3d8",
  data: "#0a7285",
  fin: "#c65d07",
  rst: "#b3261e",
  shake: "#6b46c1",
};
const DARK: typeof LIGHT = {
  ground: "#141d21",
  ink: "#e4ebee",
  muted: "#9badb6",
  rule: "#3a4a52",
  data: "#4cc4da",
  fin: "#f2a04d",
  rst: "#ff8f87",
  shake: "#b39bf5",
};

function coloured({
  ground,
  ink,
  muted,
  rule,
  data,
  fin,
  rst,
  shake,
}: typeof LIGHT) {
  return `.d .ground{fill:${ground}}.d text,.d .dot{fill:${ink}}.d .muted,.d .time{fill:${muted}}
.d .lab{stroke:${ground}}.d .life{stroke:${rule}}.d .data{stroke:${data}}.d .fin{stroke:${fin}}.d .rst{stroke:${rst}}
.d .handshake,.d .tls{stroke:${shake}}.d .tip-data{fill:${data}}.d .tip-fin{fill:${fin}}.d .tip-rst{fill:${rst}}.d .tip-handshake,.d .tip-tls{fill:${shake}}`;
}

export const STYLE = `
.d{font:13px/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.d .head{font-size:16px;font-weight:600}.d .mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
.d .life{stroke-width:2}.d .inferred{opacity:.75;font-style:italic}.d .arrow{fill:none;stroke-width:1.8}.d .guess{stroke-dasharray:5 4}
.d .lab{font-size:12px;paint-order:stroke;stroke-width:4px}.d .state{font-size:11px;font-weight:600}.d .bar{stroke-width:6}.d .step{font-weight:600}
${coloured(LIGHT)}
@media (prefers-color-scheme:dark){${coloured(DARK)}}
${Object.entries(COLOURS)
  .map(
    ([state, colour]) =>
      `.d line.${state}{stroke:${colour}}.d text.${state}{fill:${colour}}`,
  )
  .join("")}
`;

/** The picture as SVG: valid XML, whatever bytes were sent. */
export function svgOf(diagram: Diagram): string {
  const { rows, summary, notes } = diagram;
  const sentences = [...summary, ...notes].flatMap((text) => lines(text, 120));
  const bottom = TOP + rows.length * ROW + 10;
  const height = bottom + 26 + sentences.length * 20;
  const parts = [
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    heads(diagram),
    ...(["client", "server"] as const).map((side) => lifeline(side, bottom)),
    ...spansOf(diagram, bottom),
    ...diagram.arrows.map(arrowOf),
    ...rows.map(rowOf),
    ...sentences.map(
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
  return Bun.escapeHTML(safe);
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

function yAt(row: number): number {
  return TOP + row * ROW;
}

function spansOf({ spans }: Diagram, bottom: number): string[] {
  return spans.map((span, index) => {
    const next = spans.find(
      (one, place) => place > index && one.side === span.side,
    );
    return spanOf(span, next === undefined ? bottom : yAt(next.start));
  });
}

function spanOf({ side, start, state, known }: Span, end: number): string {
  const x = LIFELINE[side];
  const y = yAt(start);
  const dash = known ? "" : ` stroke-dasharray="4 3"`;
  const bar = `<line class="bar ${state}" x1="${x}" x2="${x}" y1="${y}" y2="${Math.max(end, y + 4)}"${dash}/>`;
  const anchor = side === "client" ? "end" : "start";
  const at = side === "client" ? x - 14 : x + 14;
  return `${bar}<text class="state lab ${state}" text-anchor="${anchor}" x="${at}" y="${y + 20}">${state}</text>`;
}

function rowOf(
  { side, at, step, label, known, kind }: Row,
  index: number,
): string {
  const y = yAt(index) + 4;
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
    ? `<text class="time mono" x="12" y="${y}">+${escaped(timeOf(at))}</text>`
    : "";
  return `${time}<circle cx="${LIFELINE[side]}" cy="${y - 4}" r="3.5" class="dot"/><text class="${style}" text-anchor="${anchor}" x="${x}" y="${y}">${number}${escaped(clipped)}</text>`;
}

function timeOf(at: number): string {
  return at === 0 ? "0" : formatDuration(at);
}

function arrowOf({ from, start, end, label, kind, known }: Arrow): string {
  const isOut = from === "client";
  const [x1, x2] = isOut
    ? [LIFELINE.client + BAR, LIFELINE.server - BAR]
    : [LIFELINE.server - BAR, LIFELINE.client + BAR];
  const [y1, y2] = [yAt(start), yAt(end)];
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
