/**
 * Makes the pictures of README.md anew, from real runs: `bun run pictures`. They
 * are looked at by people, and hold no more than what those runs gave. It wants
 * Linux with nginx's stream module and Chromium.
 */
import { join } from "node:path";

import { chromium } from "playwright-core";

import { check } from "../../src/check/check.ts";
import { checkPage } from "../../src/check/page.ts";
import { connect } from "../../src/client/connect.ts";
import { diagramsOf } from "../../src/diagram/connections.ts";
import { svgOf } from "../../src/diagram/svg.ts";
import { load } from "../../src/load/load.ts";
import { htmlReport } from "../../src/report/html/page.ts";
import { startServer } from "../../src/server/server.ts";
import type { TraceEvent } from "../../src/socket/trace/event.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { nginx } from "../../test/support/nginx.ts";

const place = (name: string) => join(import.meta.dir, name);

/** No name of the machine that they were made on. */
const NAME = "laptop";

async function conversation(): Promise<void> {
  const events: Record<"client" | "server", TraceEvent[]> = {
    client: [],
    server: [],
  };
  const tracer = (side: "client" | "server") => {
    const made = new Tracer(side, () => {});
    made.observe((event) => events[side].push(event), 24);
    return made;
  };
  await using server = await startServer({
    addresses: ["127.0.0.1:21567"],
    trace: tracer("server"),
  });
  const connection = await connect(server.addresses[0]!, {
    trace: tracer("client"),
  });
  await connection.write(Buffer.from("hello\n"));
  await connection.readExactly(33);
  connection.finish();
  await connection.readAll();
  await connection.closed;
  await Bun.sleep(100);
  const [diagram] = diagramsOf([
    events.client,
    events.server.filter(({ verb }) => verb !== "waiting"),
  ]);
  await Bun.write(place("conversation.svg"), svgOf({ ...diagram!, notes: [] }));
}

async function pathThroughNginx(): Promise<void> {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
    cooperate: true,
    name: NAME,
  });
  await using proxy = await nginx(server.addresses[0]!, "proxy_timeout 5s;");
  const result = await check(proxy.endpoint, { idle: 10_000 });
  const page = checkPage(result, { width: 92, colour: true });
  const shown = page.replaceAll(result.host.name, NAME);
  await Bun.write(
    place("check.svg"),
    terminal("sounder check 127.0.0.1", shown),
  );
}

async function loadReport(): Promise<void> {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
  });
  const result = await load(server.addresses[0]!, {
    duration: 5000,
    rate: 5000,
    goals: ["p99<20ms"],
  });
  const html = htmlReport({ ...result, host: { ...result.host, name: NAME } });
  const browser = await chromium.launch({
    executablePath: Bun.which("chromium")!,
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage({
    viewport: { width: 1100, height: 720 },
  });
  await page.setContent(html);
  await page.screenshot({ path: place("load.png") });
  await browser.close();
}

/** Colours of a terminal's text, by the sequences that a page has. */
const COLOURS: Readonly<Record<string, string>> = {
  "31": "#ff8f87",
  "32": "#63d493",
  "33": "#f2c35b",
  "36": "#4cc4da",
  "2": "#9badb6",
};
const ROW = 18;
const CHARACTER = 7.85;

/** What a terminal shows, as SVG. */
function terminal(command: string, text: string): string {
  const lines = [`$ ${command}`, ...text.trimEnd().split("\n")];
  const width = Math.ceil(94 * CHARACTER + 32);
  const height = lines.length * ROW + 32;
  const rows = lines.map(
    (line, index) =>
      `<text x="16" y="${28 + index * ROW}" xml:space="preserve">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${command}</title><rect width="${width}" height="${height}" rx="8" fill="#0d1417"/><g fill="#e4ebee" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13">
${rows.join("\n")}
</g></svg>
`;
}

function spans(line: string): string {
  const [plain = "", ...styled] = line.split("\u001b[");
  let colour = "";
  let bold = false;
  const drawn = styled.map((part) => {
    const [, code = "", text = ""] = /^(\d+)m([^]*)$/.exec(part) ?? [];
    if (code === "1") bold = true;
    else if (code === "22") [bold, colour] = [false, ""];
    else colour = COLOURS[code] ?? "";
    const fill = colour === "" ? "" : ` fill="${colour}"`;
    const weight = bold ? ` font-weight="700"` : "";
    return text === ""
      ? ""
      : `<tspan${fill}${weight}>${Bun.escapeHTML(text)}</tspan>`;
  });
  return Bun.escapeHTML(plain) + drawn.join("");
}

await conversation();
await pathThroughNginx();
await loadReport();
