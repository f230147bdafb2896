import { REPLY_KINDS } from "../../protocol/reply.ts";
import { choice, optional, text, workers } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import {
  ADMIN,
  DRAIN,
  FAULTS,
  IDENTITY,
  LIMITS,
  LOG,
  PROXIES,
  TRACE,
} from "../shared/groups.ts";

const ANSWERS = group("Answers:", {
  reply: choice(
    "--reply <what>",
    "each chunk behind the local time, or as it is, or as it is behind a line of information",
    REPLY_KINDS,
  ).or("stamp"),
  name: text(
    "--name <name>",
    "what it calls itself in info (default: the host's name)",
  ),
  cooperate: optional(
    "--cooperate [how]",
    "answer the questions of check, which tells addresses; transfer: send more than it was sent, too",
    ["transfer"],
  ),
});

const WORKERS = group("Operation:", {
  workers: workers("processes that share the port").or(1),
});

export const GROUPS = [
  ANSWERS,
  FAULTS,
  LIMITS,
  IDENTITY,
  PROXIES,
  LOG,
  TRACE,
  ADMIN,
  WORKERS,
  DRAIN,
] as const;

export type ServerFlags = FlagsOf<typeof GROUPS>;
