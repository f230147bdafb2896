import { crc32 } from "node:zlib";

import { Reason } from "../../../errors/errors.ts";
import {
  type Counted,
  type Ended,
  readLater,
} from "../../../protocol/cooperation/answer.ts";
import { QUESTION_BYTES } from "../../../protocol/cooperation/question.ts";
import { formatDuration, plural } from "../../../units.ts";
import { endedThere, endingOf, type How, howOf } from "../../ending.ts";
import { type Finding, unknown } from "../../finding.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";
import { agreed, countsOf, DIFFERENT, repeated } from "../../repeated.ts";
import { endWords, KEPT, lossOf, meansOfLost, meansOfTls } from "./words.ts";

/** How long behind our FIN the server answers, in milliseconds. */
const AFTER = 1000;
/** How long the server may take to see how it ended, in milliseconds. */
const WITHIN = 5000;

const PAYLOAD = Buffer.from(`${"sounder ".repeat(128).trimEnd()}\n`);

interface Try {
  status: "kept" | "lost" | "unknown";
  /** How it ended here: behind the answer, or instead of it. */
  client: How;
  /** Milliseconds from our FIN to the answer, or to the end without it. */
  after: number;
  sent: number;
  /** Bytes that came before our FIN; null where that is not known. */
  received: number | null;
  /** How the server saw it end, and whether our FIN came there. */
  server: Ended["how"] | null;
  finSeen: boolean | null;
  tls: string | undefined;
  instance: string;
}

/** The server answers a second behind our FIN. */
export async function halfCloseTogether(path: Path): Promise<Finding> {
  const tries = await repeated(() => attempt(path));
  const isLost = agreed(tries)?.status === "lost";
  if (!isLost || (await bearsSilence(path))) return findingOf(tries);
  const text =
    `connections end that are silent for ${formatDuration(AFTER)}, whether we ` +
    "have finished or not";
  const means = "what idle says explains it";
  return unknown(text, means, { connections: tries });
}

/** Whether an answer as late as that comes while nobody has finished. */
async function bearsSilence(path: Path): Promise<boolean> {
  await using asked = await path.ask({ ask: "quiet", speak: AFTER });
  try {
    await asked.conversation.answer(AFTER + path.reach.timeout);
    return true;
  } catch {
    path.stop.throwIfAborted();
    return false;
  }
}

async function attempt(path: Path): Promise<Try> {
  await using asked = await path.ask({ ask: "late", after: AFTER });
  const { answer, conversation } = asked;
  const tls = conversation.connection.tls?.version;
  await conversation.write(PAYLOAD);
  conversation.connection.finish();
  const began = performance.now();
  const within = AFTER + path.reach.timeout;
  const heard = await answerOf(conversation, path, within);
  const after = performance.now() - began;
  const base = { after, sent: PAYLOAD.length, tls, instance: answer.instance };
  if (typeof heard !== "string") {
    const end = await endingOf(conversation, path, path.reach.timeout);
    const { received } = heard;
    const isWhole =
      received === PAYLOAD.length && heard.crc32 === crc32(PAYLOAD);
    return {
      ...base,
      received,
      client: end.how,
      server: null,
      finSeen: true,
      status: isWhole ? "kept" : "unknown",
    };
  }
  const ended = await endedThere(path, answer, Math.min(within, WITHIN));
  const received = ended === undefined ? null : ended.received - QUESTION_BYTES;
  const finSeen = ended === undefined ? null : ended.finishedAfter !== null;
  const server = ended?.how ?? null;
  // What did not even arrive before our FIN is no matter of the FIN's.
  const isKnown = server !== "server" && received === PAYLOAD.length;
  const status = isKnown ? "lost" : "unknown";
  return { ...base, client: heard, received, server, finSeen, status };
}

/** The answer, or how it ended without one. @throws Reason `EMISMATCH` */
async function answerOf(
  conversation: Conversation,
  path: Path,
  within: number,
): Promise<Counted | How> {
  let line: string;
  try {
    line = await conversation.answer(within);
  } catch (error) {
    path.stop.throwIfAborted();
    return howOf(error);
  }
  const counted = readLater(line, "late");
  if (counted === undefined) throw new Reason("EMISMATCH");
  return counted;
}

function findingOf(tries: readonly Try[]): Finding {
  const evidence = { answerAfterMs: AFTER, connections: tries };
  const same = agreed(tries);
  if (same === undefined) {
    const text = `an answer ${formatDuration(AFTER)} after our FIN was ${countsOf(tries)}`;
    return unknown(text, DIFFERENT, evidence);
  }
  const { status, client, after, finSeen, server } = same;
  switch (status) {
    case "kept":
      return { status, ...keptWords(same), means: KEPT, evidence };
    case "lost": {
      const means = meansOfLost(lossOf(tries)) + meansOfTls(same.tls);
      const end = `the connection ${endWords(client)} ${formatDuration(after)} after our FIN`;
      const seen =
        server === "RST"
          ? "; the server saw a reset (RST)"
          : finSeen === false
            ? "; the server did not see our FIN"
            : "";
      const text = `${end}, before the answer${seen}`;
      return { status, rating: "harmful", text, means, evidence };
    }
    case "unknown":
      return unclear(same, evidence);
  }
}

function keptWords({ client }: Try): Pick<Finding, "rating" | "text"> {
  const text = `an answer that the server sent ${formatDuration(AFTER)} after our FIN came`;
  return client === "FIN"
    ? { rating: "fine", text }
    : {
        rating: "notable",
        text: `${text}; then the connection ${endWords(client)}`,
      };
}

function unclear(
  { server, received, sent }: Try,
  evidence: Record<string, unknown>,
): Finding {
  if (server === "server") {
    const text = "the server itself ended the connection before it answered";
    const means =
      "try it again, without --idle-timeout or --max-lifetime of a few seconds";
    return unknown(text, means, evidence);
  }
  if (received === null) {
    const text =
      "no answer came, and the server does not remember the connection";
    return unknown(text, "try it again, alone, with --only", evidence);
  }
  const text =
    received === sent
      ? "what we sent before our FIN arrived changed"
      : `${received} of ${plural(sent, "byte")} that we sent before our FIN arrived`;
  const means =
    "the path loses or changes bytes, half-closed or not: what echo, mtu and " +
    "transfer say explains it";
  return unknown(text, means, evidence);
}
