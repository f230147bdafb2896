import { diagramsOf } from "../../diagram/connections.ts";
import { htmlOf } from "../../diagram/html.ts";
import { readTrace } from "../../diagram/read.ts";
import { textOf } from "../../diagram/text.ts";
import { mistake } from "../shared/mistake.ts";
import { drawerFor } from "../shared/pictures.ts";
import { openOutputs } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";
import type { ReportFlags } from "./flags.ts";

/** Characters of a line that a picture needs. */
const LEAST = 100;

/** Draws traces, those of both sides as one picture. @returns the exit status */
export async function showTraces(
  files: readonly string[],
  texts: readonly { name: string; text: string }[],
  { compare, json, html, diagram }: ReportFlags,
): Promise<number> {
  if (compare) throw mistake("--compare is for results, not for traces");
  const draw = diagram === undefined ? undefined : drawerFor(diagram);
  const traces = texts.map(({ name, text }) => readTrace(text, name));
  const diagrams = diagramsOf(traces);
  using outputs = openOutputs({ json, html, diagram }, files);
  const { width } = screen();
  const page = () =>
    diagrams.map((one) => textOf(one, Math.max(width, LEAST))).join("\n");
  await showResult(
    outputs.writes,
    {
      json: () => jsonText(diagrams),
      html: () => htmlOf(diagrams),
      diagram: () => draw!(diagrams),
    },
    page,
    undefined,
  );
  return 0;
}
