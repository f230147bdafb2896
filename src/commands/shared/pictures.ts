import { diagramsOf } from "../../diagram/connections.ts";
import type { Diagram } from "../../diagram/diagram.ts";
import { htmlOf } from "../../diagram/html.ts";
import { mermaidOf } from "../../diagram/mermaid.ts";
import { svgOf } from "../../diagram/svg.ts";
import { textOf } from "../../diagram/text.ts";
import type { TraceEvent } from "../../socket/trace/event.ts";
import { Tracer } from "../../socket/trace/tracer.ts";
import type { FlagsOf } from "./group.ts";
import type { TRACE } from "./groups.ts";
import { LineFile } from "./line-file.ts";
import { mistake } from "./mistake.ts";
import { openOutputs } from "./result-files.ts";
import { say } from "./say.ts";

/** How a picture is drawn, by the end of its file's name. */
const DRAWN: Readonly<
  Record<string, (diagrams: readonly Diagram[]) => string>
> = {
  ".svg": ([first]) => svgOf(first!),
  ".html": htmlOf,
  ".mmd": ([first]) => mermaidOf(first!),
  ".txt": (all) => all.map((one) => textOf(one)).join("\n"),
};

/** Events that are kept for a picture: a server may serve for weeks. */
const KEPT = 100_000;

/** @throws CommanderError where no picture of that kind can be made */
export function drawerFor(
  path: string,
): (diagrams: readonly Diagram[]) => string {
  const [, end = ""] = /(\.[a-z]+)$/i.exec(path) ?? [];
  const draw = DRAWN[end.toLowerCase()];
  if (draw !== undefined) return draw;
  const kinds = Object.keys(DRAWN).join(", ");
  throw mistake(`--diagram ${path}: its name must end with one of ${kinds}`);
}

/** What is traced, and where it goes. */
export interface Pictures {
  /** Undefined where nothing is asked for. */
  tracer: Tracer | undefined;
  /**
   * Draws what was seen.
   * @param others what the other side tells of a connection of ours
   */
  finish(others?: (local: string) => Promise<TraceEvent[]>): Promise<void>;
}

/**
 * @param print lines of `--trace`
 * @throws CommanderError, SounderError before anything is done
 */
export function tracePictures(
  side: "server" | "client",
  flags: FlagsOf<[typeof TRACE]>,
  print: (line: string) => void,
): Pictures {
  const { trace, traceJson, diagram, diagramBytes } = flags;
  if (!trace && traceJson === undefined && diagram === undefined) {
    return { tracer: undefined, async finish() {} };
  }
  const draw = diagram === undefined ? undefined : drawerFor(diagram);
  const outputs = openOutputs({ diagram });
  const lines =
    traceJson === undefined ? undefined : new LineFile(traceJson, "w");
  const tracer = new Tracer(side, trace ? print : () => {});
  const events: TraceEvent[] = [];
  if (lines !== undefined || draw !== undefined) {
    tracer.observe((event) => {
      lines?.write(`${JSON.stringify(event)}\n`);
      if (draw !== undefined && events.length < KEPT) events.push(event);
    }, diagramBytes);
  }
  return {
    tracer,
    async finish(others) {
      using _files = outputs;
      lines?.[Symbol.dispose]();
      if (draw === undefined) return;
      const local = events.find(({ connection }) => connection !== null)?.local;
      const theirs = typeof local === "string" ? await others?.(local) : [];
      const diagrams = diagramsOf([events, theirs ?? []]);
      if (diagrams.length === 0) return;
      await outputs.writes.diagram!(draw(diagrams));
      if (diagrams.length > 1 && /\.(svg|mmd)$/i.test(diagram!)) {
        say(
          `${diagram} has the first of ${diagrams.length} connections; .html has all`,
        );
      }
    },
  };
}
