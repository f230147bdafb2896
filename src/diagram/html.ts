import { documentOf } from "../report/html/document.ts";
import { html, Markup } from "../report/html/markup.ts";
import pageStyle from "./diagram.css" with { type: "text" };
import type { Diagram } from "./diagram.ts";
import { STYLE, svgOf } from "./svg.ts";

/** Pictures in one page: more would be slow to open, and nobody's to look at. */
export const MOST_PICTURES = 100;

/** Pictures of some connections, as one HTML file. */
export function htmlOf(all: readonly Diagram[]): string {
  const diagrams = all.slice(0, MOST_PICTURES);
  const left = all.length - diagrams.length;
  const [first] = diagrams;
  const title =
    all.length === 1 && first !== undefined
      ? titleOf(first)
      : `${all.length} connections`;
  return documentOf({
    title,
    kind: "conversation",
    header: html`<h1>${title}</h1>
      <p class="terms">
        Time goes downward. What a side told itself is drawn solid; what follows
        from it for the other side, dashed.
        ${left > 0 ? `The first ${MOST_PICTURES} are drawn.` : ""}
      </p>`,
    main: [diagrams.length > 1 ? listOf(diagrams) : null, ...cards(diagrams)],
    charts: [],
    style: pageStyle + STYLE,
  });
}

function titleOf({ client, server }: Diagram): string {
  return `${client || "client"} and ${server || "server"}`;
}

function listOf(diagrams: readonly Diagram[]): Markup {
  return html`<nav class="card" aria-label="Connections">
    <h2>Connections</h2>
    <ol>
      ${diagrams.map(
        (diagram, index) =>
          html`<li>
            <a href="#c${index + 1}">${titleOf(diagram)}</a>:
            ${diagram.summary[0] ?? ""}
          </li>`,
      )}
    </ol>
  </nav>`;
}

function cards(diagrams: readonly Diagram[]): Markup[] {
  const isOne = diagrams.length === 1;
  return diagrams.map(
    (diagram, index) =>
      html`<section class="card" id="c${index + 1}">
        ${isOne ? null : html`<h2>${titleOf(diagram)}</h2>`}
        <ul class="sentences">
          ${diagram.summary.map((text) => html`<li>${text}</li>`)}
        </ul>
        <div class="diagram" tabindex="0" role="group" aria-label="The picture">
          ${new Markup(inPage(svgOf(diagram, { sentences: false })))}
        </div>
        ${diagram.notes.map((text) => html`<p class="terms">${text}</p>`)}
      </section>`,
  );
}

/** Its style is the page's, whose policy lets no other be. */
function inPage(svg: string): string {
  return svg.replace(/<style>[^]*?<\/style>/, "");
}
