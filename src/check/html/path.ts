import { html, type Markup } from "../../report/html/markup.ts";
import type { CheckName, NamedFinding } from "../finding.ts";
import type { CheckResult } from "../result.ts";

/** Width of the drawing, and of a box in it; the text is in the same units. */
const WIDTH = 720;
const BOX = 150;
const TALL = 52;

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
  const description = [...boxes, ...servers]
    .map(({ title, under }) => `${title} (${under})`)
    .join(" — ");
  return html`<figure class="card path">
    <figcaption><h2>The path</h2></figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${height}"
      role="img"
      aria-label="${description}"
    >
      ${boxes.map((_, index) => {
        const from = at(index) + BOX;
        const last = index === boxes.length - 1;
        if (!last) return line(from, centre, at(index + 1), centre);
        return html`${servers.map((__, row) =>
          line(from, centre, WIDTH - BOX, rowAt(row, rows, height)),
        )}`;
      })}
      ${boxes.map((one, index) => box(one, at(index), centre))}
      ${servers.map((one, row) =>
        box(one, WIDTH - BOX, rowAt(row, rows, height)),
      )}
    </svg>
    <p class="about">${legend(result)}</p>
  </figure> `;
}

function rowAt(row: number, rows: number, height: number): number {
  return ((row + 0.5) * height) / rows;
}

function line(x1: number, y1: number, x2: number, y2: number): Markup {
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" />`;
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
    const under = ended === "tls" ? "ends TCP and TLS" : "ends TCP";
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
