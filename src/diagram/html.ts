import { documentOf } from "../report/html/document.ts";
import { html, Markup } from "../report/html/markup.ts";
import type { Diagram } from "./diagram.ts";
import { STYLE, svgOf } from "./svg.ts";
import pageStyle from "./diagram.css" with { type: "text" };

/** Pictures of some connections, as one HTML file. */
export function htmlOf(diagrams: readonly Diagram[]): string {
  const [first] = diagrams;
  const title =
    diagrams.length === 1 && first !== undefined
      ? `${first.client || "client"} and ${first.server || "server"}`
      : `${diagrams.length} connections`;
  const list = html`<nav class="card">
    <h2>Connections</h2>
    <ol>
      ${diagrams.map(
        ({ client, server }, index) =>
          html`<li><a href="#c${index + 1}">${client} → ${server}</a></li>`,
      )}
    </ol>
  </nav>`;
  return documentOf({
    title,
    kind: "conversation",
    header: html`<h1>${title}</h1>
      <p class="terms">
        Time goes downward. What a side told itself is drawn solid; what follows
        from it for the other side, dashed.
      </p>`,
    main: [
      diagrams.length > 1 ? list : null,
      ...diagrams.map(
        (diagram, index) =>
          html`<section class="card diagram" id="c${index + 1}" tabindex="0">
            ${new Markup(inPage(svgOf(diagram)))}
          </section>`,
      ),
    ],
    charts: [],
    style: pageStyle + STYLE,
  });
}

/** Its style is the page's, whose policy lets no other be. */
function inPage(svg: string): string {
  return svg.replace(/<style>[^]*?<\/style>/, "");
}
