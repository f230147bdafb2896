import { type Goal, judge } from "../../load/outcome/goals.ts";
import type { LoadOptions } from "../../load/options.ts";
import type { Watcher } from "../../load/run.ts";
import type { PackedSecond } from "../../load/worker/tally.ts";
import { type LiveState, liveView } from "../../report/text/live.ts";
import type { SearchStep } from "../../result/result.ts";
import { TimeCounts } from "../../result/times.ts";
import { formatEndpoint } from "../../address/endpoint.ts";
import { Redrawn } from "../shared/redrawn.ts";

/** To draw takes most of a millisecond, in which no message is sent. */
const REDRAW_EVERY = 500;
const KEEP = 60;

/** How far a search for a rate has come. */
export interface SearchProgress {
  /** What it tries now. */
  what: string;
  tried: readonly SearchStep[];
}

/** Watches a run for somebody at a terminal; elsewhere it says nothing. */
export class Live implements Watcher, AsyncDisposable {
  private readonly lines = Redrawn.atTerminal();
  private readonly timer: Timer | undefined;
  private state: LiveState;
  private measuringSince: number | undefined;
  private messages = 0;

  /** What came back so far, and what did not. */
  private readonly latency = new TimeCounts();
  private unanswered = 0;

  /** @param search what one tries now, where there is one */
  constructor(
    private readonly options: LoadOptions,
    private readonly goals: readonly Goal[],
    search?: SearchProgress,
  ) {
    const trying = search === undefined ? "" : `  trying ${search.what}`;
    this.state = {
      target: formatEndpoint(options.target) + trying,
      phase: "",
      done: null,
      left: null,
      size: options.size,
      last: undefined,
      history: [],
      errors: 0,
      goals: goals.map(({ text }) => ({
        goal: text,
        measured: null,
        met: false,
      })),
      tried: search?.tried ?? [],
    };
    if (this.lines) this.timer = setInterval(() => this.draw(), REDRAW_EVERY);
  }

  phase(phase: Parameters<Watcher["phase"]>[0]): void {
    this.state.phase = phase;
    if (phase === "measuring") this.measuringSince = performance.now();
    this.draw();
  }

  second({ messages, errors, unanswered, ...packed }: PackedSecond): void {
    if (!this.lines) return;
    const latency = TimeCounts.unpack(packed.latency);
    this.messages += messages;
    this.state.errors += errors;
    this.state.last = {
      messages,
      p50: latency.percentile(50, unanswered),
      p99: latency.percentile(99, unanswered),
      max: latency.percentile(100, unanswered),
    };
    this.state.history = [...this.state.history, messages].slice(-KEEP);
    if (this.goals.length > 0) this.judge(latency, unanswered);
  }

  private judge(latency: TimeCounts, unanswered: number): void {
    this.latency.add(latency);
    this.unanswered += unanswered;
    const unmet = this.unanswered;
    const errors = { unmet, all: Math.max(unmet, this.state.errors) };
    const times = this.latency.toHistogram();
    this.state.goals = this.goals.map((goal) => judge(goal, times, errors));
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
