import { UNREADY } from "../status/readiness.ts";
import { type Feed, troubleOf } from "./feed.ts";
import type { History } from "./history.ts";
import type { Routes } from "./http.ts";
import { assets } from "./page/assets.ts";
import { PROMETHEUS_TYPE, prometheusText } from "./prometheus.ts";
import { parseQuery } from "./query.ts";
import { type Answer, reading, reply, type Reply, text } from "./reply.ts";
import type { AdminSource } from "./source.ts";

export interface RoutesOptions {
  source: AdminSource;
  version: string;
  /** The live page. */
  page: string;
  feed: Feed;
  history: History;
  /** Whether a Host header names this server. */
  isOurs(host: string | null): boolean;
  /** Tells and changes faults, where there can be some. */
  faults?: Answer | undefined;
}

/** Fewer than clients.ts allows connections, so that a probe finds room. */
const MOST_VIEWERS = 32;

/** Every path of the admin pages, with its answer. */
export function routesOf({
  source,
  version,
  page,
  feed,
  history,
  isOurs,
  faults,
}: RoutesOptions): Routes {
  const scrape = shared(() => metrics(source, version));
  const samples = () => JSON.stringify(history.samples);
  const named: [path: string, answer: Answer][] = [
    ["/metrics", scrape],
    ["/events", events(feed)],
    ["/history", () => reply(samples(), "application/json")],
    ["/", () => reply(page, "text/html; charset=utf-8")],
    ...assets.map(({ path, content, type }): [string, Answer] => [
      path,
      () => reply(content, type),
    ]),
  ];
  const ofOurs =
    (answer: Answer): Answer =>
    (asked) =>
      isOurs(asked.host) ? answer(asked) : NOT_OURS;
  return {
    byPath: new Map<string, Answer>([
      // Probes may ask by any name: these two tell nothing about peers.
      ["/healthz", reading(() => text("ok"))],
      ["/readyz", reading(() => readiness(source))],
      ...named.map(([path, answer]): [string, Answer] => [
        path,
        reading(ofOurs(answer)),
      ]),
      ...(faults === undefined
        ? []
        : [["/faults", ofOurs(faults)] as [string, Answer]]),
    ]),
    otherwise: reading(() => text("not found", 404)),
  };
}

const NOT_OURS = text(
  "not a name of this server: ask by its IP address, or have the name allowed " +
    "(--admin-host)",
  421,
);

function readiness(source: AdminSource): Reply {
  const unready = source.unready();
  return unready === undefined ? text("ready") : text(UNREADY[unready], 503);
}

async function metrics(source: AdminSource, version: string): Promise<Reply> {
  try {
    const snapshot = await source.snapshot({ search: "", limit: 0 });
    const ready = source.unready() === undefined;
    const body = await prometheusText(snapshot, { version, ready });
    return reply(body, PROMETHEUS_TYPE);
  } catch (error) {
    return text(troubleOf(error), 503);
  }
}

/** Requests at the same time share one answer. */
function shared(ask: () => Promise<Reply>): () => Promise<Reply> {
  let asking: Promise<Reply> | undefined;
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

function events(feed: Feed): Answer {
  return ({ method, query }) => {
    if (feed.viewers >= MOST_VIEWERS) {
      return text(`${MOST_VIEWERS} are looking already`, 503);
    }
    try {
      const parsed = parseQuery(query);
      const body = method === "HEAD" ? null : feed.view(parsed);
      return reply(body, "text/event-stream");
    } catch (error) {
      return text((error as Error).message, 400);
    }
  };
}
