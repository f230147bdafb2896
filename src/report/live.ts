import { printable } from "../printable.ts";
import { formatDuration } from "../units.ts";
import { formatByteRate, formatRate, formatTime } from "./numbers.ts";
import { bar, paintOf, sparkline } from "./text.ts";

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
  const clip = (text: string) => text.slice(0, width);
  const { last, history, errors, size } = state;

  const lines = [
    clip(printable(`${state.target}  ${state.phase}`)),
    progress(state, width),
  ];
  if (last !== undefined) {
    const rate = `${formatRate(last.messages)}  ${formatByteRate(last.messages * size)}`;
    const times = `p50 ${formatTime(last.p50)}  p99 ${formatTime(last.p99)}  max ${formatTime(last.max)}`;
    const plot = sparkline(history.slice(-Math.min(MINUTE, width)));
    lines.push(paint("bold", clip(rate)), clip(times), paint("dim", plot));
  }
  if (errors > 0) lines.push(paint("red", clip(`errors ${errors}`)));
  return lines.filter((line) => line !== "").join("\n");
}
