import type { Side } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";
import { type Arrow, type Diagram, type Gap, otherSide } from "./diagram.ts";

/** The picture for Mermaid, as GitHub and GitLab draw it in a page. */
export function mermaidOf(diagram: Diagram): string {
  const { client, server, rows, arrows, spans, summary, notes } = diagram;
  const lines = [
    "sequenceDiagram",
    `  participant C as client ${safe(client)}`.trimEnd(),
    `  participant S as server ${safe(server)}`.trimEnd(),
  ];
  for (const [index, { side, step, label, known, gap }] of rows.entries()) {
    if (gap !== undefined) lines.push(`  Note over C,S: ${gapText(gap)}`);
    const number = step === undefined ? "" : `(${step}) `;
    const mark = known ? "" : " (inferred)";
    lines.push(`  Note over ${idOf(side)}: ${number}${safe(label)}${mark}`);
    for (const span of spans) {
      if (span.start !== index) continue;
      const how = span.known ? "" : " (inferred)";
      lines.push(
        `  Note ${placeOf(span.side)} ${idOf(span.side)}: ${span.state}${how}`,
      );
    }
    for (const arrow of arrows) {
      if (Math.floor(arrow.start) === index) lines.push(arrowLine(arrow));
    }
  }
  for (const sentence of [...summary, ...notes])
    lines.push(`  Note over C,S: ${safe(sentence)}`);
  return `${lines.join("\n")}\n`;
}

function gapText(gap: Gap): string {
  if (gap.kind === "left") return `${gap.steps} steps are left out`;
  const blocked = gap.blocked
    ? "; a thread would be blocked in the server"
    : "";
  return safe(`${formatDuration(gap.ms)} pass${blocked}`);
}

function idOf(side: Side): "C" | "S" {
  return side === "client" ? "C" : "S";
}

function placeOf(side: Side): string {
  return side === "client" ? "left of" : "right of";
}

function arrowLine({ from, label, known, kind }: Arrow): string {
  const tip = kind === "rst" ? "x" : ">>";
  const shaft = known ? "-" : "--";
  return `  ${idOf(from)}${shaft}${tip}${idOf(otherSide(from))}: ${safe(label)}`;
}

/** Text that Mermaid takes for text: its own signs as their numbers. */
function safe(text: string): string {
  return text.replace(/[#;<>{}"\n\r]/g, (sign) =>
    /\s/.test(sign) ? " " : `#${sign.charCodeAt(0)};`,
  );
}
