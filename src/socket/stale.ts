import { lstatSync } from "node:fs";

import { codeOf } from "./errors.ts";

async function answers(path: string): Promise<boolean> {
  try {
    const probe = await Bun.connect({ unix: path, socket: { data() {} } });
    probe.end();
    return true;
  } catch (error) {
    return codeOf(error) !== "ECONNREFUSED";
  }
}

/** A socket file that nobody serves any more, left by a killed server. */
export async function isStale(path: string): Promise<boolean> {
  const isSocket = lstatSync(path, { throwIfNoEntry: false })?.isSocket();
  return isSocket === true && !(await answers(path));
}
