import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { ACTIONS, type Fault } from "../../../src/protocol/faults/fault.ts";
import { parseFault } from "../../../src/protocol/faults/parse.ts";
import { formatFault } from "../../../src/protocol/faults/print.ts";
import { FaultError } from "../../../src/protocol/faults/words.ts";
import { anyFault } from "../../support/faults.ts";

function mistakeIn(text: string): FaultError {
  try {
    parseFault(text);
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe("parseFault()", () => {
  test.each<[string, Fault]>([
    ["stall", { action: "stall" }],
    [
      "reset after 1MiB",
      { action: "reset", when: { at: "after", size: 2 ** 20 } },
    ],
    [
      "delay 50ms+-10ms toward client",
      { action: "delay", time: 50, jitter: 10, toward: "client" },
    ],
    [
      "vanish idle 30s",
      { action: "vanish", when: { at: "idle", time: 30_000 } },
    ],
    [
      "corrupt after 64KiB on 10%",
      {
        action: "corrupt",
        when: { at: "after", size: 65_536 },
        on: { percent: 10 },
      },
    ],
    [
      "freeze 1500ms toward server every 1m on every 3rd",
      {
        action: "freeze",
        time: 1500,
        toward: "server",
        when: { at: "every", time: 60_000 },
        on: { every: 3 },
      },
    ],
    [
      "slice 10 0ms on first 2",
      {
        action: "slice",
        size: 10,
        time: 0,
        on: { first: 2 },
      },
    ],
    ["proxy-header v2", { action: "proxy-header", version: 2 }],
    ["limit 10", { action: "limit", count: 10 }],
    [
      "corrupt after 1000",
      {
        action: "corrupt",
        when: { at: "after", size: 1000 },
      },
    ],
    [
      "drop 100 every 1MB",
      {
        action: "drop",
        size: 100,
        when: { at: "every", size: 1_000_000 },
      },
    ],
    ["mute on 0%", { action: "mute", on: { percent: 0 } }],
  ])("%s is read, and printed the same", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
    expect(formatFault(fault)).toBe(text);
  });

  test("clauses come in any order, with any space between words", () => {
    const expected = parseFault("delay 5ms toward server after 1s on 5%");
    const clauses = ["toward server", "after 1s", "on 5%"];
    for (const a of clauses) {
      for (const b of clauses) {
        for (const c of clauses) {
          if (new Set([a, b, c]).size < 3) continue;
          const text = `  delay \t 5ms  ${a} ${b}\n${c} `;
          expect(parseFault(text)).toEqual(expected);
        }
      }
    }
    expect(parseFault("delay 50ms±10ms")).toEqual(
      parseFault("delay 50ms+-10ms"),
    );
  });

  test("any fault is printed so that it is read to the same", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyFault, (fault) => {
        const text = formatFault(fault);
        const read = parseFault(text);
        expect(read).toEqual(fault);
        expect(formatFault(read)).toBe(text);
        seen.add(fault.action);
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(seen.size).toBe(ACTIONS.length);
  });

  test("whatever is no fault has one line, and a place in the text", () => {
    const word = fc.oneof(
      fc.constantFrom(...ACTIONS, "toward", "client", "server", "after", "on"),
      fc.constantFrom("every", "idle", "first", "3rd", "10%", "v1", "1", "0"),
      fc.constantFrom("64KiB", "10s", "5ms+-1ms", "0ms", "1.5", "-1", "1e3"),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (words) => {
        const text = words.join(" ");
        try {
          const fault = parseFault(text);
          expect(parseFault(formatFault(fault))).toEqual(fault);
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError);
          const { column, message } = error as FaultError;
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(text.length + 1);
          expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Cs}]|undefined|NaN/u);
          expect(message.length).toBeLessThan(600);
        }
      }),
      { seed: 1, numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test("a text with one character changed is a fault, or told as none", () => {
    const change = fc.tuple(fc.nat(), fc.string({ maxLength: 1 }));
    fc.assert(
      fc.property(anyFault, change, (fault, [at, instead]) => {
        const text = formatFault(fault);
        const place = at % text.length;
        const changed = text.slice(0, place) + instead + text.slice(place + 1);
        try {
          const again = parseFault(changed);
          expect(parseFault(formatFault(again))).toEqual(again);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError);
        }
      }),
      { seed: 1, numRuns: 5000 },
    );
  });
});

describe("FaultError", () => {
  test.each([
    ["", 1, "an action is missing"],
    ["dealy 50ms", 1, '"dealy" is no action: did you mean delay?'],
    ["corupt", 1, "did you mean corrupt?"],
    ["mtue", 1, "did you mean mute?"],
    ["halfclose", 1, "did you mean no-half-close?"],
    ["Reset", 1, "did you mean reset?"],
    ["xyzzy", 1, "there are delay, rate, slice"],
    ["constructor", 1, "is no action"],
    ["delay", 6, "delay needs a duration"],
    ["delay 50", 7, '"50" is not a duration'],
    ["delay 5ms+-6ms", 7, "the jitter is at most the delay"],
    ["delay 0ms", 7, "no time at all"],
    ["delay 5ms+-1ms+-1ms", 7, "is not a delay"],
    ["rate 0", 6, "a size of 0"],
    ["slice 0 1ms", 7, "a size of 0"],
    ["slice 10", 9, "slice needs a duration"],
    ["drop 10x", 6, '"10x" is not a size'],
    ["reset after 0", 13, "a size of 0"],
    ["reset after 0s", 13, "no time at all"],
    ["reset after", 12, "after what?"],
    ["reset after 5x", 13, "neither a size, such as 64KiB, nor a duration"],
    ["reset every 10s", 7, 'say "after"'],
    ["delay 5ms every 1s", 11, "freeze D every"],
    ["refuse after 1s", 8, "as a connection begins"],
    ["refuse toward client", 8, "refuse has no direction"],
    ["delay 5ms toward", 17, "toward whom? client or server"],
    ["delay 5ms toward me", 18, "toward whom? client or server"],
    ["delay 5ms towrad client", 11, "did you mean toward?"],
    ["delay 5ms 5ms", 11, "does not belong here"],
    ["stall after 1s idle 1s", 16, "twice"],
    ["stall toward client toward server", 21, "twice"],
    ["stall on 5% on 6%", 13, "twice"],
    ["stall idle 64KiB", 12, "is not a duration"],
    ["stall on", 9, "on which connections?"],
    ["stall on 101%", 10, "more than 100%"],
    ["stall on ten", 10, "on which connections?"],
    ["stall on every 3", 16, "is not an ordinal"],
    ["stall on every 0th", 16, "is not an ordinal"],
    ["stall on first 0", 16, "the least is 1"],
    ["limit 0", 7, "the least is 1"],
    ["limit 5 on 10%", 9, "for all connections"],
    ["backlog-full on 10%", 14, "for all connections"],
    ["proxy-header v3", 14, "v1 or v2"],
    ["drop 10 every 10", 9, "begin before this one is over"],
    ["freeze 2s every 1s", 11, "begin before this one is over"],
  ])("%j: column %d, %s", (text, column, why) => {
    const mistake = mistakeIn(text);
    expect(mistake.column).toBe(column);
    expect(mistake.message).toContain(why);
    expect(mistake.message).toStartWith(
      `fault "${text}", at column ${column}: `,
    );
  });

  test("what could move a terminal's cursor is spelled out", () => {
    expect(mistakeIn("\x1b[2J").message).toStartWith('fault "\\x1b[2J"');
    expect(mistakeIn("a\nb").message).toContain('"a\\nb"');
  });

  test("a text without an end is cut", () => {
    expect(mistakeIn("x".repeat(100_000)).message.length).toBeLessThan(800);
  });
});
