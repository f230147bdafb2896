import { diagramsOf } from "../../diagram/connections.ts";
import type { Diagram } from "../../diagram/diagram.ts";
import { htmlOf, MOST_PICTURES } from "../../diagram/html.ts";
import { mermaidOf } from "../../diagram/mermaid.ts";
import { svgOf } from "../../diagram/svg.ts";
import { textOf } from "../../diagram/text.ts";
import type { TraceEvent } from "../../socket/trace/event.ts";
import { Tracer } from "../../socket/trace/tracer.ts";
import { formatCount, plural } from "../../units.ts";
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
  ".svg": (all) => svgOf(firstOf(all)),
  ".html": htmlOf,
  ".mmd": (all) => mermaidOf(firstOf(all)),
  ".txt": (all) =>
    all
      .slice(0, MOST_PICTURES)
      .map((one) => textOf(one))
      .join("\n") + leftOut(all),
};

/** One picture has room for one connection. */
function firstOf([first, ...rest]: readonly Diagram[]): Diagram {
  const { notes } = first!;
  if (rest.length === 0) return first!;
  const count = plural(rest.length, "more connection");
  const told = `${count} ${rest.length === 1 ? "is" : "are"} not drawn here: .html has a picture of each.`;
  return { ...first!, notes: [...notes, told] };
}

function leftOut(all: readonly Diagram[]): string {
  const left = all.length - MOST_PICTURES;
  return left > 0 ? `\n${plural(left, "more connection")} not drawn\n` : "";
}

/** Events that are kept for a picture: a server may serve for weeks. */
const KEPT = 100_000;

/** What a picture says may not be how it ended. */
function withDropped(diagram: Diagram, dropped: number): Diagram {
  if (dropped === 0) return diagram;
  const told = `${plural(dropped, "event")} after the first ${formatCount(KEPT)} were not kept: what came then is not drawn.`;
  return { ...diagram, notes: [...diagram.notes, told] };
}

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
  let dropped = 0;
  if (lines !== undefined || draw !== undefined) {
    tracer.observe((event) => {
      lines?.write(`${JSON.stringify(event)}\n`);
      if (draw === undefined) return;
      if (events.length < KEPT) events.push(event);
      else dropped += 1;
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
      const drawn = diagramsOf([events, theirs ?? []]);
      const diagrams = drawn.map((one) => withDropped(one, dropped));
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
