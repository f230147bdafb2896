import { codeOf, Reason } from "../errors/errors.ts";
import { isObject } from "../checks.ts";
import {
  OPENING,
  QUESTION_BYTES,
  questionLine,
} from "../protocol/cooperation/question.ts";
import { readAnswer } from "../protocol/cooperation/answer.ts";
import { Unstamper } from "../protocol/stamp/unstamper.ts";
import type { Conversation } from "./conversation.ts";
import type { Known, Path } from "./path.ts";

/** Some of a path's connections may fail, and others not. */
const TRIES = 3;
/** Milliseconds without an answer after which it may be that another is served. */
const SILENCE = 1500;

/**
 * Asks a server who it is, on one connection: one that cooperates answers, any
 * other echo server sends the question back. Another connection beside that one
 * shows whether it serves one at a time.
 * @throws SounderError as connect(); Reason `ETIMEDOUT` or `EEARLY` where there
 * is no answer, `EMISMATCH` where it is none of ours and no echo
 */
export async function meet(path: Path): Promise<Known> {
  for (let tries = 1; ; tries += 1) {
    await using conversation = await path.open();
    try {
      return await meetOn(path, conversation);
    } catch (error) {
      path.stop.throwIfAborted();
      if (tries === TRIES) throw error;
    }
  }
}

async function meetOn(path: Path, conversation: Conversation): Promise<Known> {
  const { timeout } = path.reach;
  const question = questionLine({ ask: "who" });
  await conversation.write(question);
  const first = await conversation.answer(timeout);
  const isInfo = isInfoLine(first);
  const line = isInfo ? await conversation.answer(timeout) : first;
  const answer = readAnswer(line, "who");
  if (answer !== undefined) {
    path.instances.add(answer.instance);
    const reply = isInfo ? "info" : await replyBehind(path);
    return { reply, cooperates: true, oneAtATime: false };
  }
  const sent = question.toString("utf8", 0, QUESTION_BYTES - 1);
  const reply = isInfo ? "info" : echoOf(line, sent);
  const oneAtATime = await servesOne(path, conversation);
  return { reply, cooperates: false, oneAtATime };
}

/**
 * Whether it answers another connection only once this one has ended. One that
 * is refused, or slow, tells nothing.
 */
async function servesOne(path: Path, first: Conversation): Promise<boolean> {
  const line = Buffer.from("sounder\n");
  const { timeout } = path.reach;
  try {
    await using second = await path.open();
    await second.write(line);
    if (await answers(second, SILENCE)) return false;
    await first.write(line);
    if (!(await answers(first, timeout))) return false;
    if (await answers(second, 0)) return false;
    await first[Symbol.asyncDispose]();
    return await answers(second, timeout);
  } catch {
    path.stop.throwIfAborted();
    return false;
  }
}

async function answers(
  conversation: Conversation,
  within: number,
): Promise<boolean> {
  try {
    await conversation.answer(within);
    return true;
  } catch (error) {
    if (codeOf(error) === "ETIMEDOUT") return false;
    throw error;
  }
}

/** Characters of a wrong answer that are shown. */
const SHOWN = 40;

function noEcho(line: string): Reason {
  const answer = line.trimEnd();
  const more = answer.length > SHOWN ? "…" : "";
  const shown = JSON.stringify(answer.slice(0, SHOWN));
  return new Reason(
    "EMISMATCH",
    `it is no echo server: it answered ${shown}${more}`,
  );
}

/** What a server answers that does not look at what it is sent. */
function echoOf(line: string, question: string): "raw" | "stamp" {
  const bare = String(new Unstamper().bare(Buffer.from(line)));
  if (!resembles(bare, question)) throw noEcho(line);
  return bare.length === Buffer.byteLength(line) ? "raw" : "stamp";
}

/** Whether it is what was sent, but for bytes that were altered on the way. */
function resembles(line: string, sent: string): boolean {
  const length = Math.max(line.length, sent.length);
  let same = 0;
  for (let at = 0; at < length; at += 1) same += Number(line[at] === sent[at]);
  return same >= 0.8 * length;
}

/** The same of one that does look: what is no question is echoed. */
async function replyBehind(path: Path): Promise<"raw" | "stamp"> {
  await using conversation = await path.open();
  const line = "sounder";
  await conversation.write(Buffer.from(`${line}\n`));
  return echoOf(await conversation.answer(path.reach.timeout), line);
}

/** The line with which `--reply info` begins. */
function isInfoLine(line: string): boolean {
  if (line.startsWith(OPENING)) return false;
  try {
    const read: unknown = JSON.parse(line);
    return isObject(read) && typeof read["instance"] === "string";
  } catch {
    return false;
  }
}
