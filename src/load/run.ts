import { formatEndpoint } from "../address/endpoint.ts";
import { failure, type SounderError } from "../errors/errors.ts";
import type { Ending } from "./waiting.ts";
import { Worker, type WorkerEvents } from "./worker/worker.ts";
import type { LoadOptions } from "./options.ts";
import { type Plan, plansOf } from "./plan.ts";
import { cooperates } from "./probe/cooperation.ts";
import { probe } from "./probe/probe.ts";
import { mergeSeconds, type PackedSecond, Tally } from "./worker/tally.ts";
import { plural } from "../units.ts";
import type { ReplyKind } from "../protocol/reply.ts";

/** What a run tells while it goes on. */
export interface Watcher {
  phase(phase: "opening" | "warming up" | "measuring" | "finishing"): void;
  /** A second is over, in all workers. */
  second(second: PackedSecond): void;
}

/** What a run came to. */
export interface Run {
  options: LoadOptions;
  reply: ReplyKind;
  tally: Tally;
  seconds: PackedSecond[];
  /** When measuring was to begin, by `performance.now()` of this process. */
  measuredFrom: number;
  /** Whether it was ended before it was over. */
  interrupted: boolean;
}

/** Carries out a worker's plan; `failed` rejects when another worker has. */
type Work = (
  plan: Plan,
  events: WorkerEvents,
  ending: Ending,
  failed: Promise<never>,
) => Promise<Tally>;

const workHere: Work = (plan, events, ending) =>
  new Worker(plan, events, ending).run();

/** Milliseconds for a server to say who it is: so many, and more of a slow one. */
const WHO_WITHIN = 250;
const WHO_LONGER = 3;
/** Milliseconds for all workers to hear of the start before it comes. */
const LEAD = 20;

/**
 * Measures a server.
 * @param stop ends the measuring early; what was measured is still told
 * @param cut ends the wait for what is in flight then
 * @throws SounderError if it can't be reached, or does not echo
 */
export async function run(
  options: LoadOptions,
  watcher: Watcher,
  stop: AbortSignal,
  cut: AbortSignal = new AbortController().signal,
): Promise<Run> {
  watcher.phase("opening");
  const began = performance.now();
  const { address, reply } = await probe(options, stop);
  const answersWho =
    options.reply === "auto" &&
    (await cooperates(
      options.target,
      address,
      options.approach,
      WHO_WITHIN + WHO_LONGER * (performance.now() - began),
      stop,
    ));
  const plans = plansOf(options, address, reply, answersWho);
  const events = gather(plans.length, options, watcher);
  // What starts other processes takes milliseconds to load.
  const work: Work =
    plans.length > 1
      ? (await import("./worker/remote.ts")).runRemotely
      : workHere;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const tallies = await Promise.all(
    plans.map((plan) => work(plan, events, { stop, cut }, failed.promise)),
  ).catch((error) => {
    failed.reject(error);
    throw error;
  });
  const tally = new Tally();
  for (const one of tallies) tally.add(one);
  return {
    options,
    reply,
    tally,
    seconds: events.seconds(),
    measuredFrom: events.measuredFrom(),
    interrupted: stop.aborted,
  };
}

/** Holds workers back until all are ready, and puts their seconds together. */
function gather(
  workers: number,
  options: LoadOptions,
  watcher: Watcher,
): WorkerEvents & { seconds(): PackedSecond[]; measuredFrom(): number } {
  const start = Promise.withResolvers<number>();
  const reached = { measuring: 0, finishing: 0 };
  /** By number: those that not all workers have told, and those they have. */
  const partly = new Map<number, [PackedSecond, ...PackedSecond[]]>();
  const closed: PackedSecond[] = [];
  let measuredFrom = 0;
  let ready = 0;
  let opened = 0;
  let cause: string | undefined;
  return {
    ready(open, code) {
      ready += 1;
      opened += open;
      cause ??= code;
      if (ready < workers) return start.promise;
      if (opened === 0) {
        start.reject(noneOpened(options, cause));
      } else {
        watcher.phase("warming up");
        const begin = performance.now() + LEAD;
        measuredFrom = begin + options.warmup;
        start.resolve(begin);
      }
      return start.promise;
    },
    phase(phase) {
      reached[phase] += 1;
      if (reached[phase] === workers) watcher.phase(phase);
    },
    second(one) {
      const told = partly.get(one.second);
      if (told === undefined) partly.set(one.second, [one]);
      else told.push(one);
      const all = told ?? [one];
      if (all.length < workers) return;
      partly.delete(one.second);
      const merged = mergeSeconds(all);
      closed.push(merged);
      watcher.second(merged);
    },
    measuredFrom: () => measuredFrom,
    seconds() {
      // With a number of messages, one worker may need seconds more than another.
      const rest = [...partly.values()].map(mergeSeconds);
      return [...closed, ...rest].toSorted((a, b) => a.second - b.second);
    },
  };
}

function noneOpened(
  { target, connections }: LoadOptions,
  code = "EINTR",
): SounderError {
  const name = formatEndpoint(target);
  const action = `cannot open any of ${plural(connections, "connection")} to ${name}`;
  return failure(action, { code });
}
