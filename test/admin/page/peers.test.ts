import { describe, expect, test } from "bun:test";

import { isSortKey } from "../../../src/status/peers.ts";
import { FakeSource } from "../../support/fake-source.ts";
import { pageScript } from "../../support/page-script.ts";

const { foundText, isSort, nextSort } = await pageScript("peers");

describe("foundText()", () => {
  async function text(peers: number, search: string, limit: number, sort = "") {
    const source = new FakeSource(peers);
    return foundText(await source.snapshot({ search, limit }), search, sort);
  }

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

  test("foundText() tells what is listed of a list that is sorted", async () => {
    expect(await text(100, "", 100, "peer")).toBe("100 connections.");
    expect(await text(1200, "", 100, "peer")).toBe(
      "The first 100 of 1,200, in this order.",
    );
    expect(await text(1200, "10.0.", 100, "-sent")).toBe(
      "1,200 of 1,200 connections match; the first in this order are listed.",
    );
  });
});

describe("nextSort()", () => {
  test.each(["peer", "-received"])(
    "nextSort() sorts by %p, the other way round, and no more",
    (order) => {
      const first = nextSort("worker", order);
      const second = nextSort(first, order);
      expect(first).toBe(order);
      expect(`-${second}`.replace("--", "")).toBe(order);
      expect([first, second].every(isSort)).toBe(true);
      expect(nextSort(second, order)).toBe("");
    },
  );

  test("isSort() knows the server's words, and no others", () => {
    for (const sort of [
      "peer",
      "age",
      "received",
      "sent",
      "pending",
      "worker",
    ]) {
      expect(isSort(sort)).toBe(true);
      expect(isSort(`-${sort}`)).toBe(true);
      expect(isSortKey(sort)).toBe(true);
    }
    for (const sort of ["", "-", "rate", undefined]) {
      expect(isSort(sort)).toBe(false);
    }
  });
});
