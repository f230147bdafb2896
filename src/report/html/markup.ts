import { printable } from "../../printable.ts";

/** Markup that may stand in a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value =
  Markup | string | number | false | null | readonly (Markup | null)[];

function markupOf(value: Value): string {
  if (value === false || value === null) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(markupOf).join("");
  return Bun.escapeHTML(printable(String(value)));
}

/** Markup whose values are escaped, except those that are markup. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(
    parts.reduce(
      (text, part, index) => text + markupOf(values[index - 1]!) + part,
    ),
  );
}

/** A value in a script element of JSON, which nothing in it can end. */
export function json(value: unknown): Markup {
  const safe = (_: string, one: unknown) =>
    typeof one === "string" ? printable(one) : one;
  return new Markup(JSON.stringify(value, safe).replaceAll("<", "\\u003c"));
}
