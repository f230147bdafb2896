import { hostname } from "node:os";

import type { Endpoint } from "../address/endpoint.ts";
import { assets } from "./assets.ts";
import { Feed, troubleOf } from "./feed.ts";
import { hostCheck } from "./hosts.ts";
import type { Pages } from "./http.ts";
import { History } from "./history.ts";
import { adminEndpoint, listen } from "./listen.ts";
import { METRICS_TYPE, metricsOf } from "./metrics.ts";
import { pageOf } from "./page.ts";
import { parseQuery } from "./query.ts";
import {
  type Answer,
  type Asked,
  reading,
  type Reply,
  respond,
  say,
} from "./respond.ts";
import { shared } from "./shared.ts";
import type { AdminSource, Unready } from "./source.ts";

export interface AdminOptions {
  /** Where to listen; on the loopback interface where no host is named. */
  address: string | Endpoint;
  source: AdminSource;
  version: string;
  /** What the page calls the server. @default the name of this machine */
  title?: string;
  /** Names by which it may be asked for, besides those of this machine. */
  hosts?: readonly string[];
}

export interface Admin extends AsyncDisposable {
  /** With the port the kernel chose, where 0 was asked for. */
  readonly address: Endpoint;
  /** Hangs up on everybody. */
  stop(): Promise<void>;
}

const JSON_TYPE = "application/json";

const REASONS: Record<Unready, string> = {
  draining: "draining",
  "no-files": "no file descriptor is left: nobody is let in until there is",
  "no-worker": "no worker process serves",
};

/** Fewer than the connections that there may be: a probe finds room. */
const MOST_VIEWERS = 32;

/**
 * Serves metrics, health and a live page of a server, until it is stopped. All
 * of it is read only. While nobody asks it counts once a second, and no more.
 *
 * @throws SounderError if the address can't be had
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { source, version, title = hostname(), hosts = [] } = options;
  const endpoint = adminEndpoint(options.address);
  const feed = new Feed(source);
  const page = pageOf({ title, version });

  const scrape = shared(async () => {
    const snapshot = await source.snapshot({ search: "", limit: 0 });
    return metricsOf(snapshot, {
      version,
      ready: source.unready() === undefined,
    });
  });
  async function metrics(): Promise<Reply> {
    try {
      return respond(await scrape(), METRICS_TYPE);
    } catch (error) {
      return say(troubleOf(error), 503);
    }
  }

  function readiness(): Reply {
    const unready = source.unready();
    return unready === undefined ? say("ready") : say(REASONS[unready], 503);
  }

  function events({ method, query }: Asked): Reply {
    if (feed.viewers >= MOST_VIEWERS) {
      return say(`${MOST_VIEWERS} are looking already`, 503);
    }
    try {
      const parsed = parseQuery(query);
      const body = method === "HEAD" ? null : feed.view(parsed);
      return respond(body, "text/event-stream");
    } catch (error) {
      return say((error as Error).message, 400);
    }
  }

  // A browser can't be led to a Unix socket.
  const isOurs =
    endpoint.kind === "unix"
      ? () => true
      : hostCheck([endpoint.host, hostname(), ...hosts]);
  function named(answer: Answer): Answer {
    return reading((asked) =>
      isOurs(asked.host)
        ? answer(asked)
        : say(
            "not a name of this server: ask by its IP address, or have the " +
              "name allowed (--admin-host)",
            421,
          ),
    );
  }

  const pages: Pages = {
    answers: new Map<string, Answer>([
      // Probes ask by any name, and learn nothing that is not theirs to know.
      ["/healthz", reading(() => say("ok"))],
      ["/readyz", reading(readiness)],
      ["/metrics", named(metrics)],
      ["/events", named(events)],
      [
        "/history",
        named(() => respond(JSON.stringify(history.samples), JSON_TYPE)),
      ],
      ["/", named(() => respond(page, "text/html; charset=utf-8"))],
      ...assets.map(({ path, text, type }): [string, Answer] => [
        path,
        named(() => respond(text, type)),
      ]),
    ]),
    otherwise: reading(() => say("not found", 404)),
  };
  const listening = await listen(endpoint, pages);
  const history = new History(source);

  async function stop(): Promise<void> {
    feed.close();
    history.stop();
    listening.stop();
  }

  return { address: listening.address, stop, [Symbol.asyncDispose]: stop };
}
