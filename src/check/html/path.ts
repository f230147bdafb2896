import { html, type Markup } from "../../report/html/markup.ts";
import type { CheckName, NamedFinding } from "../finding.ts";
import type { CheckResult } from "../result.ts";

/** Width of the drawing, and of a box in it; the text is in the same units. */
const WIDTH = 760;
const BOX = 156;
const TALL = 52;
/** From a box to what its line carries: further on, lines to servers part. */
const LABEL = 30;

interface Box {
  title: string;
  under: string;
  kind: "end" | "middle" | "unknown";
}

/**
 * The path as a drawing: the client, who is between, and the servers. What is
 * between is known from what was found; a device that changes nothing is not.
 */
export function drawing(result: CheckResult): Markup {
  const middle = middleOf(result);
  const servers = serversOf(result);
  const rows = Math.max(servers.length, 1);
  const height = Math.max(rows * (TALL + 14) + 20, 110);
  const boxes = [clientOf(result), ...middle];
  const step = (WIDTH - BOX) / boxes.length;
  const at = (index: number) => index * step;
  const centre = height / 2;
  const segments = segmentsOf(result, boxes.length);
  const description = [...boxes, ...servers]
    .map(({ title, under }) => `${title} (${under})`)
    .join(" — ");
  return html`<figure class="card path">
    <figcaption><h2>The path</h2></figcaption>
    <div class="scroll" role="region" aria-label="The path" tabindex="0">
      <svg
        viewBox="0 0 ${WIDTH} ${height}"
        role="img"
        aria-label="${description}"
      >
        ${boxes.map((_, index) => {
          const from = at(index) + BOX;
          const last = index === boxes.length - 1;
          const to = last ? WIDTH - BOX : at(index + 1);
          const name = label(from + LABEL, centre, segments[index]!);
          if (!last) return html`${line(from, centre, to, centre)}${name}`;
          const lines = servers.map((__, row) =>
            line(from, centre, to, rowAt(row, rows, height)),
          );
          return html`${lines}${name}`;
        })}
        ${boxes.map((one, index) => box(one, at(index), centre))}
        ${servers.map((one, row) =>
          box(one, WIDTH - BOX, rowAt(row, rows, height)),
        )}
      </svg>
    </div>
    <p class="about">${legend(result)}</p>
    ${addresses(result)}
  </figure> `;
}

function rowAt(row: number, rows: number, height: number): number {
  return ((row + 0.5) * height) / rows;
}

function line(x1: number, y1: number, x2: number, y2: number): Markup {
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" />`;
}

/** Above a line, what it carries. */
function label(x: number, y: number, text: string): Markup {
  return html`<text class="carries" x="${x}" y="${y - 8}">${text}</text>`;
}

/**
 * What each part of the path carries. Where somebody between ends TLS, what goes
 * on behind is known where the server says it.
 */
function segmentsOf(result: CheckResult, count: number): string[] {
  const { target } = result;
  const ours = target.startsWith("tls:")
    ? "TLS"
    : target.startsWith("unix:")
      ? "Unix socket"
      : "TCP";
  const behind = behindOf(find(result, "terminated"), ours);
  return Array.from({ length: count }, (_, index) =>
    index === count - 1 && count > 1 ? behind : ours,
  );
}

function behindOf(finding: NamedFinding | undefined, ours: string): string {
  switch (finding?.status) {
    case "tls": {
      const ends = finding.evidence["ends"];
      if (!Array.isArray(ends)) return "?";
      const keys = ends.map(
        (end: { kernel?: { tls?: unknown } | null }) => end.kernel?.tls ?? null,
      );
      return keys.every((key) => key === null) ? "TCP" : "TLS";
    }
    case "tcp":
    case "no":
      return ours;
    default:
      return ours === "TCP" ? ours : "?";
  }
}

/** Which address is seen where. */
function addresses(result: CheckResult): Markup | null {
  const evidence = find(result, "address")?.evidence;
  const shown = [
    ["our own address", evidence?.["ours"]],
    ["the server sees", evidence?.["peer"]],
    ["a PROXY header says", evidence?.["proxied"]],
    ["the server's own", evidence?.["local"]],
  ].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (shown.length === 0) return null;
  return html`<dl class="addresses">
    ${shown.map(
      ([name, address]) =>
        html`<div>
          <dt>${name}</dt>
          <dd><code>${address}</code></dd>
        </div>`,
    )}
  </dl>`;
}

function box({ title, under, kind }: Box, x: number, y: number): Markup {
  const top = y - TALL / 2;
  const middle = x + BOX / 2;
  return html`<g class="${kind}">
    <rect x="${x + 1}" y="${top}" width="${BOX - 2}" height="${TALL}" rx="8" />
    <text x="${middle}" y="${y - 4}">${cut(title, 19)}</text>
    <text class="under" x="${middle}" y="${y + 15}">${cut(under, 24)}</text>
  </g>`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function find(
  { checks }: CheckResult,
  name: CheckName,
): NamedFinding | undefined {
  return checks.find((one) => one.name === name);
}

function clientOf({ host }: CheckResult): Box {
  return { title: "client", under: host.name, kind: "end" };
}

function middleOf(result: CheckResult): Box[] {
  const ended = find(result, "terminated")?.status;
  const seen = find(result, "address")?.status;
  const boxes: Box[] = [];
  if (ended === "tcp" || ended === "tls") {
    const tls = result.target.startsWith("tls:")
      ? "ends TCP and TLS"
      : "ends TCP, begins TLS";
    const under = ended === "tls" ? tls : "ends TCP";
    boxes.push({ title: "proxy or balancer", under, kind: "middle" });
  } else if (seen === "translated") {
    boxes.push({ title: "NAT", under: "changes addresses", kind: "middle" });
  } else if (ended === undefined || ended === "unknown") {
    boxes.push({ title: "?", under: "can't be told", kind: "unknown" });
  }
  return boxes;
}

/** More are not drawn. */
const SERVERS = 6;

function serversOf(result: CheckResult): Box[] {
  const shares = sharesIn(find(result, "backends"));
  if (shares.length === 0) {
    const under =
      result.server.reply === null ? "no echo" : result.server.reply;
    return [{ title: "server", under, kind: "end" }];
  }
  const shown = shares.slice(0, SERVERS).map(({ name, share }) => ({
    title: name,
    under: `${Math.round(share * 100)} % of connections`,
    kind: "end" as const,
  }));
  const left = shares.length - SERVERS;
  return left > 0
    ? [...shown, { title: `${left} more`, under: "", kind: "end" }]
    : shown;
}

function sharesIn(
  finding: NamedFinding | undefined,
): { name: string; share: number }[] {
  const instances = finding?.evidence["instances"];
  if (!Array.isArray(instances)) return [];
  return instances.flatMap((one: Record<string, unknown>) => {
    const { instance, host, server, share } = one;
    const name = server ?? host ?? instance;
    return typeof name === "string" && typeof share === "number"
      ? [{ name, share }]
      : [];
  });
}

function legend(result: CheckResult): string {
  const ended = find(result, "terminated");
  return ended?.status === "no"
    ? "TCP goes from end to end: a device between, if there is one, passes segments on."
    : (ended?.text ?? "Who is between was not looked at.");
}
