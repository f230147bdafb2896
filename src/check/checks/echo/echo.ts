import { formatBytes, formatCount, plural } from "../../../units.ts";
import { type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import { ALTERED } from "../../verdict.ts";
import type { Check, Tell } from "../check.ts";
import { answersLinesOnly } from "./lines.ts";
import { type EchoPayload, echoPayload, SIZES } from "./payload.ts";
import { type EchoTry, tryEcho } from "./try.ts";

/** Milliseconds after which no larger message is begun. */
const BUDGET = 8000;
/** Connections, where the first was not intact; silent ones cost more. */
const TRIES = 3;
const STALLED_TRIES = 2;

/** Whether every byte comes back as it was sent. */
export const echoCheck: Check = {
  name: "echo",
  when: "first",
  async run(path, tell) {
    const payload = echoPayload();
    const tries = await tryAll(path, payload, tell);
    const isIntact = tries.length === 1;
    const linesOnly = isIntact ? await answersLinesOnly(path) : undefined;
    return findingOf(path, payload, tries, linesOnly);
  },
};

async function tryAll(
  path: Path,
  payload: EchoPayload,
  tell: Tell,
): Promise<EchoTry[]> {
  const tries: EchoTry[] = [];
  while (tries.length < TRIES) {
    if (tries.length > 0) tell(`again: ${tries.at(-1)!.outcome}`);
    tries.push(await tryEcho(path, payload, performance.now() + BUDGET));
    if (tries[0]!.outcome === "intact") break;
    const stalled = tries.filter(({ outcome }) => outcome === "stalled");
    if (stalled.length >= STALLED_TRIES) break;
  }
  return tries;
}

function findingOf(
  { known }: Path,
  payload: EchoPayload,
  tries: readonly EchoTry[],
  linesOnly: boolean | undefined,
): Finding {
  const evidence = {
    reply: known.reply ?? null,
    values: 256,
    sizes: { smallest: SIZES[0]!, largest: SIZES.at(-1)! },
    linesOnly: linesOnly ?? null,
    tries,
  };
  const altered = tries.find(({ difference }) => difference !== undefined);
  if (altered !== undefined) return { ...alteredBy(altered, tries), evidence };
  const status = known.reply ?? "raw";
  const intact = tries.find(({ outcome }) => outcome === "intact");
  if (intact === undefined) return { ...broken(payload, tries), evidence };
  const text = intactText(intact);
  if (tries.length > 1) {
    const [bad] = tries;
    return {
      status,
      rating: "notable",
      evidence,
      text: `${text}; but one of ${tries.length} connections ${endOf(bad!)}`,
      means:
        "some connections end or stand still for a reason that is not in their " +
        "bytes: a backend that restarts, a limit on a connection's time, losses",
    };
  }
  if (linesOnly === true) {
    return {
      status,
      rating: "notable",
      evidence,
      text: `${text}; a part of a line comes back only once the line has ended`,
      means:
        "the server, or a relay on the path, reads whole lines: clients that " +
        "send no newline wait for ever",
    };
  }
  const means = "binary protocols and texts pass as they are";
  return { status, rating: "fine", text, means, evidence };
}

function intactText({ intact, largest }: EchoTry): string {
  const all = `all 256 byte values, and messages of 1 B to ${formatBytes(largest)}`;
  const cut = largest < SIZES.at(-1)! ? "; larger ones had no time" : "";
  return `${all}, came back intact: ${formatBytes(intact)}${cut}`;
}

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

function alteredBy(altered: EchoTry, tries: readonly EchoTry[]): Words {
  const { offset, text } = altered.difference!;
  const same = tries.filter(({ difference }) => difference !== undefined);
  const often =
    same.length === tries.length
      ? `on each of ${tries.length} connections`
      : `on ${same.length} of ${tries.length} connections`;
  return {
    status: ALTERED,
    rating: "harmful",
    text: `at byte ${formatCount(offset)}, ${text}; ${often}`,
    means:
      "what is sent does not arrive: the server, or a device that looks into " +
      "the stream, changes it, or memory is bad; TLS, or a checksum of your " +
      "own, would notice",
  };
}

function endOf({ outcome, how, intact }: EchoTry): string {
  const after = `after ${plural(intact, "byte")} had come back`;
  if (outcome === "failed") return `could not be opened (${how})`;
  return outcome === "ended"
    ? `ended (${how}) ${after}`
    : `stood still ${after}`;
}

/** None came to its end, and all that came was right. */
function broken(payload: EchoPayload, tries: readonly EchoTry[]): Words {
  const [first, ...others] = tries;
  const messageOf = ({ intact }: EchoTry) =>
    payload.ends.findIndex((end) => intact < end);
  const { outcome } = first!;
  const isSame = others.every(
    (other) =>
      other.outcome === outcome && messageOf(other) === messageOf(first!),
  );
  const ends = [...new Set(tries.map(endOf))];
  if (!isSame || outcome === "failed") {
    const means =
      "connections end or stand still at places that differ: something ends " +
      "them after a while (see lifetime), or a server restarts; try again";
    return { ...unknown(`one connection ${ends.join("; another ")}`, means) };
  }
  const message = messageOf(first!);
  const size = payload.ends[message]! - (payload.ends[message - 1] ?? 0);
  const what =
    message === 0 ? "all byte values" : `a message of ${plural(size, "byte")}`;
  const means =
    outcome === "ended"
      ? "something ends connections that carry this: a limit on a message's " +
        "size, or a server that takes texts only"
      : "messages of this size do not pass, or not back: see mtu; or a server " +
        "that waits for more before it answers";
  return {
    status: outcome === "ended" ? "cut" : "stalled",
    rating: "harmful",
    text:
      ends.length > 1
        ? `with ${what}, one connection ${ends.join("; another ")}`
        : `with ${what}, each of ${tries.length} connections ${ends[0]}`,
    means,
  };
}
