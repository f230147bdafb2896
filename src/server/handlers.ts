import { hostname } from "node:os";

import { cooperatingHandlers } from "./cooperation/handlers.ts";
import { type EchoHandlers, echoHandlers } from "./echo/handlers.ts";
import { greetingHandlers } from "./echo/greeting.ts";
import { type Reply, replyOf } from "./echo/reply.ts";
import { infoLine, infoOf } from "./info.ts";
import type { ServerOptions } from "./options.ts";
import type { Sessions } from "./sessions.ts";

/** What serves a server's connections. What is not asked for is not paid for. */
export function handlersFor(
  options: ServerOptions,
  sessions: Sessions,
): EchoHandlers {
  const { reply = "stamp", cooperate = false, name = hostname() } = options;
  const plain = replyOf(reply);
  const echo = (made: Reply) => {
    const handlers = echoHandlers(made, sessions);
    if (reply !== "info") return handlers;
    return greetingHandlers(handlers, (wire) => infoLine(wire, name));
  };
  if (cooperate === false) return echo(plain);
  const { idleTimeout, maxLifetime } = options;
  return cooperatingHandlers(plain, echo, {
    cooperate,
    info: ({ wire }) => infoOf(wire, name),
    open: sessions.open,
    idleTimeout,
    maxLifetime,
  });
}
