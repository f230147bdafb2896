import { describe, expect, test } from "bun:test";

import { codeOf, failure, SounderError } from "../../src/socket/errors.ts";

const ACTION = "cannot connect to 127.0.0.1:1";

describe("codeOf()", () => {
  test("codeOf() finds the code of an error", () => {
    expect(codeOf(new SounderError("it failed", "EOURS"))).toBe("EOURS");
    expect(codeOf(Object.assign(new Error(), { code: "EPIPE" }))).toBe("EPIPE");
  });

  const others: [string, unknown][] = [
    ["an error without one", new Error("no code")],
    ["a code that is a number", Object.assign(new Error(), { code: 7 })],
    ["a string", "EPIPE"],
    ["undefined", undefined],
    ["null", null],
  ];
  test.each(others)("codeOf() finds none in %s", (_, thrown) => {
    expect(codeOf(thrown)).toBeUndefined();
  });
});

describe("failure()", () => {
  test("failure() says what was done, why it failed, and the code", () => {
    const cause = Object.assign(new Error("bind"), { code: "EADDRINUSE" });
    const error = failure("cannot listen on [::]:80", cause);
    expect(error).toBeInstanceOf(SounderError);
    expect(error).toMatchObject({
      name: "SounderError",
      message: "cannot listen on [::]:80: the address is in use (EADDRINUSE)",
      code: "EADDRINUSE",
      cause,
    });
  });

  test.each([
    [
      "a code without a reason of ours",
      Object.assign(new Error("it is odd"), { code: "EODD" }),
      `${ACTION}: it is odd (EODD)`,
    ],
    [
      "an error without a code",
      new Error("it is odd"),
      `${ACTION}: it is odd (EUNKNOWN)`,
    ],
    ["a string", "it is odd", `${ACTION}: it is odd (EUNKNOWN)`],
    ["nothing", undefined, `${ACTION}: undefined (EUNKNOWN)`],
  ])("failure() makes one line of %s", (_, cause, message) => {
    expect(failure(ACTION, cause).message).toBe(message);
  });
});
