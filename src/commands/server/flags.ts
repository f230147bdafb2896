import { REPLY_KINDS } from "../../protocol/reply.ts";
import { choice, duration, present, workers } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { ADMIN, IDENTITY, LIMITS, LOG, TRACE } from "../shared/groups.ts";

const ANSWERS = group("Answers:", {
  reply: choice(
    "--reply <what>",
    "the local time and the chunk, or the chunk",
    REPLY_KINDS,
  ).or("stamp"),
});

const PROXIES = group("TLS and PROXY:", {
  proxyProtocol: present(
    "--proxy-protocol",
    "connections begin with a PROXY header, of the proxies that --allow names",
  ),
});

const OPERATION = group("Operation:", {
  workers: workers("processes that share the port").or(1),
  drainTimeout: duration(
    "--drain-timeout <duration>",
    "how long a stop may take",
  ).or(10_000),
  drainDelay: duration(
    "--drain-delay <duration>",
    "be not ready for so long before a stop begins",
  ).or(0),
});

export const GROUPS = [
  ANSWERS,
  LIMITS,
  IDENTITY,
  PROXIES,
  LOG,
  TRACE,
  ADMIN,
  OPERATION,
] as const;

export type ServerFlags = FlagsOf<typeof GROUPS>;
