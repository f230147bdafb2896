import type { SounderError } from "../../src/errors/errors.ts";

/** What a promise failed with, with the time of a silence left out. */
export async function failed(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  const { code, message } = await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: SounderError) => error,
  );
  return { code, message: withoutTimes(message) };
}

export function withoutTimes(message: string): string {
  return message
    .replace(/[\d.]+ (?:m|µ)?s of silence/, "… of silence")
    .replace(/received in [\d.]+ (?:m|µ)?s/, "received in …");
}
