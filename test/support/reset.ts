import { expect } from "bun:test";

/** Expects that each of the promises is rejected by a reset. */
export async function expectReset(
  ...promises: Promise<unknown>[]
): Promise<void> {
  const reset = { status: "rejected", reason: { code: "ECONNRESET" } };
  expect(await Promise.allSettled(promises)).toMatchObject(
    promises.map(() => reset),
  );
}
