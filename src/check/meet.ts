import { Reason } from "../errors/errors.ts";
import { isObject } from "../checks.ts";
import { OPENING, questionLine } from "../protocol/cooperation/question.ts";
import { readAnswer } from "../protocol/cooperation/answer.ts";
import { STAMP_LENGTH } from "../protocol/stamp/form.ts";
import type { Known, Path } from "./path.ts";

/**
 * Asks a server who it is, on one connection: one that cooperates answers, any
 * other echo server sends the question back.
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
    return { reply, cooperates: true };
  }
  const reply = isInfo ? "info" : echoOf(line, question.toString().trimEnd());
  return { reply, cooperates: false };
}

/** What a server answers that does not look at what it is sent. */
function echoOf(line: string, question: string): "raw" | "stamp" {
  const told = line.trimEnd();
  if (told === question) return "raw";
  if (told.slice(STAMP_LENGTH) === question) return "stamp";
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
