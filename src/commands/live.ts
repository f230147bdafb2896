import type { LoadOptions } from "../load/options.ts";
import type { Watcher } from "../load/run.ts";
import type { SecondTally } from "../load/tally.ts";
import { type LiveState, liveView } from "../report/live.ts";
import { formatEndpoint } from "../socket/endpoint.ts";
import { Redrawn } from "./redrawn.ts";

/** To draw takes most of a millisecond, in which no message is sent. */
const REDRAW_EVERY = 500;
const KEEP = 60;

/** Watches a run for somebody at a terminal; elsewhere it says nothing. */
export class Live implements Watcher, AsyncDisposable {
  private readonly lines = Redrawn.atTerminal();
  private readonly timer: Timer | undefined;
  private state: LiveState;
  private measuringSince: number | undefined;
  private messages = 0;

  /** @param step what a search tries now, where there is one */
  constructor(
    private readonly options: LoadOptions,
    step = "",
  ) {
    this.state = {
      target: formatEndpoint(options.target) + step,
      phase: "",
      done: null,
      left: null,
      size: options.size,
      last: undefined,
      history: [],
      errors: 0,
    };
    if (this.lines) this.timer = setInterval(() => this.draw(), REDRAW_EVERY);
  }

  phase(phase: Parameters<Watcher["phase"]>[0]): void {
    this.state.phase = phase;
    if (phase === "measuring") this.measuringSince = performance.now();
    this.draw();
  }

  second({ messages, errors, unanswered, latency }: SecondTally): void {
    this.messages += messages;
    this.state.errors += errors;
    this.state.last = {
      messages,
      p50: latency.percentile(50, unanswered),
      p99: latency.percentile(99, unanswered),
      max: latency.percentile(100, unanswered),
    };
    this.state.history = [...this.state.history, messages].slice(-KEEP);
  }

  private draw(): void {
    this.measureProgress();
    this.lines?.draw(({ columns }) =>
      liveView(this.state, { columns, colour: true }).split("\n"),
    );
  }

  private measureProgress(): void {
    if (this.measuringSince === undefined) return;
    const { until } = this.options;
    const ms = performance.now() - this.measuringSince;
    const done =
      "duration" in until
        ? ms / until.duration
        : this.messages / until.messages;
    this.state.done = Math.min(done, 1);
    this.state.left = done > 0 ? Math.max(ms / done - ms, 0) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.lines?.[Symbol.asyncDispose]();
  }
}
