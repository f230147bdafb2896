import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { pageScript } from "../../support/page-script.ts";

const { watchAttention } = await pageScript("attention");

describe("watchAttention()", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test("watchAttention() tells that a page was hidden for a minute", () => {
    const page = Object.assign(new EventTarget(), { hidden: false });
    const told: string[] = [];
    watchAttention(page, {
      lost: () => told.push("lost"),
      back: () => told.push("back"),
    });
    const show = (hidden: boolean) => {
      page.hidden = hidden;
      page.dispatchEvent(new Event("visibilitychange"));
    };

    show(true);
    jest.advanceTimersByTime(59_999);
    show(false);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([]);

    show(true);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual(["lost"]);
    show(false);
    show(true);
    show(false);
    expect(told).toEqual(["lost", "back"]);
  });
});
