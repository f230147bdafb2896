import { expect, test } from "bun:test";

import { parseFaults } from "../../../src/protocol/faults/list.ts";

test.each([
  ["rate 1MB", "rate 2MB"],
  ["rate 1MB toward client", "rate 2MB"],
  ["rate 1MB toward server", "rate 2MB toward server"],
  ["stall after 1MB", "stall after 1s toward client"],
  ["limit 1", "limit 2"],
  ["proxy-header v1", "proxy-header v2"],
  ["refuse", "delay 1ms"],
  ["delay 1ms", "refuse"],
  ["reset", "backlog-full"],
  ["finish-as-reset", "reset-as-finish"],
])("%s and %s can't be at once", (a, b) => {
  const given = ["delay 5ms toward server", a, "corrupt", b];
  const texts = a === "refuse" || b === "refuse" ? [a, b] : given;
  expect(() => parseFaults(texts)).toThrow(/^faults "[^\n]+" and "[^\n]+": /);
});

test("what can't be at once is named", () => {
  expect(() => parseFaults(["rate 1MB", "rate 2MB toward client"])).toThrow(
    'faults "rate 1MB" and "rate 2MB toward client": there can be only one ' +
      "rate toward one side",
  );
});

test.each([
  ["rate 1MB toward client", "rate 2MB toward server"],
  ["delay 50ms", "delay 20ms"],
  ["refuse on 10%", "delay 50ms"],
  ["stall toward client", "stall toward server"],
  ["finish-as-reset toward client", "reset-as-finish toward server"],
  ["late-finish 1s", "finish-as-reset"],
  ["tls-expired", "tls-wrong-host"],
  ["reset after 1s on 10%", "reset after 1MB"],
])("%s and %s stack", (a, b) => {
  expect(parseFaults([a, b]).length).toBe(2);
});

test("the first mistake of a list has its own text and place", () => {
  expect(() => parseFaults(["delay 5ms", "rate 0"])).toThrow(
    'fault "rate 0", at column 6: a size of 0 makes no fault',
  );
});
