import { expect } from "bun:test";

import type { Connection } from "../../src/client/connection.ts";

/** Expects that a few bytes come back as they were sent. */
export async function expectEcho(
  connection: Connection,
  text: string,
): Promise<void> {
  await connection.write(Buffer.from(text));
  expect(String(await connection.read())).toBe(text);
}
