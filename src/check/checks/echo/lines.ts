import { codeOf } from "../../../errors/errors.ts";
import type { Path } from "../../path.ts";

/** Milliseconds in which a part of a line would come back, at first. */
const PATIENCE = 1500;

const PART = Buffer.from("sounder");
const END = Buffer.from("\n");

/**
 * Whether it sends nothing back before a line has ended. Seen twice, since a
 * server may stand still for a while.
 * @returns undefined where that can't be told
 * @throws the reason of `path.stop`
 */
export async function answersLinesOnly(
  path: Path,
): Promise<boolean | undefined> {
  for (const patience of [PATIENCE, 2 * PATIENCE]) {
    try {
      if (!(await holdsBack(path, patience))) return false;
    } catch {
      path.stop.throwIfAborted();
      return undefined;
    }
  }
  return true;
}

/** @throws where the line does not come back once it has ended, either */
async function holdsBack(path: Path, patience: number): Promise<boolean> {
  await using conversation = await path.open();
  await conversation.exchange(Buffer.concat([PART, END]), path.reach.timeout);
  await conversation.write(PART);
  try {
    if ((await conversation.read(patience)) !== undefined) return false;
  } catch (error) {
    if (codeOf(error) !== "ETIMEDOUT") throw error;
  }
  await conversation.write(END);
  await conversation.line(path.reach.timeout);
  return true;
}
