import { printable } from "../../printable.ts";
import { highest } from "../../result/aggregates.ts";
import type { GoalResult, SearchStep } from "../../result/result.ts";
import { formatCount, formatDuration, formatRate } from "../../units.ts";
import { formatByteRate, formatTime, formatTimes, NONE } from "../numbers.ts";
import { measuredAs } from "../tables.ts";
import {
  bar,
  type Paint,
  paintOf,
  sparkline,
  type Style,
  wrap,
} from "./layout.ts";

/** What a live view shows of a run that goes on. */
export interface LiveState {
  target: string;
  phase: string;
  /** Share of the measuring that is done, from 0 to 1; null if unknown. */
  done: number | null;
  /** Milliseconds of measuring left; null if unknown. */
  left: number | null;
  /** Bytes of a message. */
  size: number;
  /** The last second, and messages of those before it, the latest last. */
  last: LiveSecond | undefined;
  history: number[];
  errors: number;
  /** As they would be judged if the run ended now. */
  goals: readonly GoalResult[];
  /** What a search has tried so far, the latest last. */
  tried: readonly SearchStep[];
}

/** Times in microseconds. */
export interface LiveSecond {
  messages: number;
  p50: number | null;
  p99: number | null;
  max: number | null;
}

const MINUTE = 60;
const WIDEST = 76;
const SHORTEST_BAR = 8;
/** Of the names before each line, and two blanks. */
const NAME = 9;
/** Narrower, names stand on lines of their own. */
const NARROW = 40;
/** More steps would fill the terminal. */
const STEPS_SHOWN = 6;

function progress({ done, left }: LiveState, width: number): string {
  if (done === null) return "";
  const tail =
    ` ${String(Math.floor(done * 100)).padStart(3)} %` +
    (left === null ? "" : `  ${formatDuration(left)} left`);
  const room = width - tail.length;
  if (room < SHORTEST_BAR) return tail.trim().slice(0, width);
  return bar(done, room).padEnd(room, "░") + tail;
}

/** A few lines that fit `columns`, to be drawn over the ones before. */
export function liveView(
  state: LiveState,
  { columns, colour }: { columns: number; colour: boolean },
): string {
  const width = Math.min(columns - 1, WIDEST);
  const paint = paintOf(colour);
  const room = width < NARROW ? width : width - NAME;
  const lines = [
    ...wrap(printable(`${state.target}  ${state.phase}`), width, 2).map(
      (line) => line.trimEnd(),
    ),
    progress(state, width),
  ];
  for (const [name, told] of sections(state, room, paint)) {
    for (const [index, line] of told.entries()) {
      const before = index === 0 ? name : "";
      if (room < width) lines.push(paint("dim", before.padEnd(NAME)) + line);
      else lines.push(...(before === "" ? [] : [paint("dim", before)]), line);
    }
  }
  return lines.filter((line) => line !== "").join("\n");
}

/** @param room for a line, in characters */
function sections(
  { last, history, size, goals, tried, errors }: LiveState,
  room: number,
  paint: Paint,
): [name: string, lines: string[]][] {
  const all: [string, string[]][] = [];
  const fit = (text: string, style?: Style) =>
    wrap(printable(text), room, 2)
      .map((line) => line.trimEnd())
      .map((line) => (style === undefined ? line : paint(style, line)));
  if (last !== undefined) {
    const { messages, p50, p99, max } = last;
    const bytes = formatByteRate(messages * size);
    const told = formatTimes([p50, p99, max]);
    const times = ["p50", "p99", "max"].map(
      (name, at) => `${name} ${told[at]}`,
    );
    all.push(
      ["rate", fit(row([formatRate(messages), bytes]), "bold")],
      ["latency", fit(row(times))],
      ["seconds", [plot(history, room)]],
    );
  }
  const mark = (met: boolean, cells: readonly string[]) =>
    fit(
      row([`${met ? "✓" : "✗"} ${cells[0]}`, ...cells.slice(1)]),
      met ? "green" : "red",
    );
  all.push([
    "goals",
    goals.flatMap((goal) => {
      const told = [goal.goal, measuredAs(goal)];
      // What can't be told yet may be known in the end.
      return goal.measured === null
        ? fit(row([`· ${told[0]}`, NONE]))
        : mark(goal.met, told);
    }),
  ]);
  all.push([
    "tried",
    tried
      .slice(-STEPS_SHOWN)
      .flatMap(({ rate, p99, met }) =>
        mark(met, [formatRate(rate), `p99 ${formatTime(p99)}`]),
      ),
  ]);
  if (errors > 0) all.push(["errors", fit(formatCount(errors), "red")]);
  return all;
}

/** Cells side by side; a line ends between them where it must. */
function row(cells: readonly string[]): string {
  return cells.map((cell) => cell.replaceAll(" ", "\u00a0")).join("  ");
}

/** The rates of the last seconds, and how much the highest bar is. */
function plot(history: readonly number[], room: number): string {
  const scale = `  up to ${formatRate(highest(history, 0))}`;
  const most = room - scale.length;
  if (most < SHORTEST_BAR) {
    return sparkline(history.slice(-Math.min(MINUTE, room)));
  }
  return sparkline(history.slice(-Math.min(MINUTE, most))) + scale;
}
