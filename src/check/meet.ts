import { codeOf, Reason } from "../errors/errors.ts";
import { isObject } from "../checks.ts";
import { OPENING, questionLine } from "../protocol/cooperation/question.ts";
import { readAnswer } from "../protocol/cooperation/answer.ts";
import { Unstamper } from "../protocol/stamp/unstamper.ts";
import type { Conversation } from "./conversation.ts";
import type { Known, Path } from "./path.ts";

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
  await using conversation = await path.open();
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
  const reply = isInfo ? "info" : echoOf(line, question.toString().trimEnd());
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

/** What a server answers that does not look at what it is sent. */
function echoOf(line: string, question: string): "raw" | "stamp" {
  if (line.trimEnd() === question) return "raw";
  const bare = new Unstamper().bare(Buffer.from(line)).toString().trimEnd();
  if (bare === question) return "stamp";
  throw new Reason("EMISMATCH");
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
