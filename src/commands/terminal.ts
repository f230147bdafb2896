import { clearLine, createInterface, cursorTo } from "node:readline";

import type { Connection } from "../client/connection.ts";
import type { ClientFlags } from "./client.ts";
export async function converse(
  _c: Connection,
  _f: ClientFlags,
): Promise<number> {
  void clearLine;
  void createInterface;
  void cursorTo;
  return 0;
}
