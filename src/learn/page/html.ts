import { html, type Markup } from "../../report/html/markup.ts";
import { FAULTS } from "../acts.ts";

function head(title: string) {
  return html`<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="icon" href="/icon.svg" />
    <link rel="stylesheet" href="/style.css" />`;
}

/** The page; its words are put in by the browser, in its language. */
export function pageOf(token: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        ${head("Sounder · learn")}
        <meta name="token" content="${token}" />
      </head>
      <body>
        <header>
          <h1 data-word="title"></h1>
          <p id="server"></p>
          <label for="language" data-word="language"></label>
          <select id="language">
            <option value="en">English</option>
            <option value="zh">中文</option>
          </select>
        </header>
        <main>${talk()} ${picture()} ${steps()} ${threads()}</main>
        <script type="module" src="/learn.browser.js"></script>
      </body>
    </html> `.text;
}

const ACTS = [
  ["finish", "finish"],
  ["reset", "reset"],
  ["stop-reading", "stopReading"],
  ["read-again", "readAgain"],
  ["kill", "kill"],
  ["start", "start"],
] as const;

/** The conversation, and what can be done to it. */
function talk(): Markup {
  return html`<section class="card" id="talk">
    <nav id="clients"></nav>
    <div id="lines" role="log" aria-live="polite" tabindex="0"></div>
    <form id="form">
      <input id="text" autocomplete="off" maxlength="500" />
      <button type="submit" data-word="send"></button>
    </form>
    <div class="buttons">
      ${ACTS.map(
        ([act, word]) =>
          html`<button
            type="button"
            data-act="${act}"
            data-word="${word}"
          ></button> `,
      )}
    </div>
    <p class="fault">
      <label for="fault" data-word="fault"></label>
      <select id="fault">
        ${Object.keys(FAULTS).map(
          (name) =>
            html`<option value="${name}" data-word="fault-${name}"></option>`,
        )}
      </select>
    </p>
  </section>`;
}

function picture(): Markup {
  return html`<section class="card" id="picture" tabindex="0">
    <h2 data-word="picture"></h2>
    <img id="svg" alt="" hidden />
  </section>`;
}

function steps(): Markup {
  return html`<section class="card" id="steps">
    <h2 data-word="steps"></h2>
    <ol id="lessons"></ol>
  </section>`;
}

/** Who waits, in this server and in one with threads. */
function threads(): Markup {
  const choice = (value: string, checked: boolean) =>
    html`<input
        type="radio"
        name="how"
        id="how-${value}"
        value="${value}"
        ${checked && html`checked`}
      />
      <label for="how-${value}" data-word="${value}"></label>`;
  return html`<section class="card" id="threads">
    <h2 data-word="threads"></h2>
    <p class="switch">${choice("loop", true)} ${choice("thread", false)}</p>
    <ul id="waits"></ul>
    <p class="about" id="explained"></p>
  </section>`;
}

/** A file of the code that serves. */
export function codePage({
  path,
  text,
}: {
  path: string;
  text: string;
}): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        ${head(path)}
      </head>
      <body>
        <header><h1>${path}</h1></header>
        <main class="code"><pre>${text}</pre></main>
      </body>
    </html> `.text;
}
