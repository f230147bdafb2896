import { describe, expect, test } from "bun:test";

import { shared } from "../../src/admin/shared.ts";

describe("shared()", () => {
  test("shared() reads once for all who ask at the same time", async () => {
    let reads = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const read = shared(async () => {
      reads += 1;
      await promise;
      return reads;
    });
    const answers = [read(), read(), read()];
    resolve();
    expect(await Promise.all(answers)).toEqual([1, 1, 1]);
    expect(await read()).toBe(2);
  });

  test("shared() reads again after a failure, which all are told", async () => {
    const failures = [new Error("busy")];
    const read = shared(async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return "fine";
    });
    const answers = [read(), read()];
    for (const answer of answers) await expect(answer).rejects.toThrow("busy");
    expect(await read()).toBe("fine");
  });
});
