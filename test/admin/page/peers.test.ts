import { describe, expect, test } from "bun:test";

import { FakeSource } from "../../support/fake-source.ts";
import { pageScript } from "../../support/page-script.ts";

const { foundText } = await pageScript("peers");

describe("foundText()", () => {
  const text = async (peers: number, search: string, limit: number) =>
    foundText(await new FakeSource(peers).snapshot({ search, limit }), search);

  test("foundText() tells how much of all is listed", async () => {
    expect(await text(0, "", 100)).toBe("Nobody is connected.");
    expect(await text(1, "", 100)).toBe("1 connection.");
    expect(await text(100, "", 100)).toBe("100 connections.");
    expect(await text(1200, "", 100)).toBe(
      "The 100 with the most bytes of 1,200; those that stall come first.",
    );
    expect(await text(1200, "nobody", 100)).toBe(
      "None of 1,200 connections matches.",
    );
    expect(await text(1200, ":20017", 100)).toBe(
      "1 of 1,200 connections matches.",
    );
    expect(await text(1200, "10.0.", 100)).toBe(
      "1,200 of 1,200 connections match; those with the most bytes are listed.",
    );
  });
});
