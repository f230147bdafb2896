import { describe, expect, test } from "bun:test";

import {
  asSounderError,
  codeOf,
  errorCodeOf,
  failure,
  Reason,
  SounderError,
} from "../../src/errors/errors.ts";

const ACTION = "cannot connect to 127.0.0.1:1";
const thrown = (message: string, code: string) =>
  Object.assign(new Error(message), { code });

test("SounderError puts its code behind its message", () => {
  const error = new SounderError("it failed", "ETLS");
  expect(error).toMatchObject({
    name: "SounderError",
    message: "it failed (ETLS)",
    summary: "it failed",
    code: "ETLS",
  });
});

describe("codeOf()", () => {
  test("codeOf() finds the code of an error", () => {
    expect(codeOf(new SounderError("it failed", "ETLS"))).toBe("ETLS");
    expect(codeOf(thrown("", "EPIPE"))).toBe("EPIPE");
  });

  const others: [string, unknown][] = [
    ["an error without one", new Error("no code")],
    ["a code that is a number", Object.assign(new Error(), { code: 7 })],
    ["a string", "EPIPE"],
    ["undefined", undefined],
    ["null", null],
  ];
  test.each(others)("codeOf() finds none in %s", (_, cause) => {
    expect(codeOf(cause)).toBeUndefined();
    expect(errorCodeOf(cause)).toBe("EUNKNOWN");
  });
});

test("errorCodeOf() knows the codes of the table, and no others", () => {
  expect(errorCodeOf(thrown("", "EPIPE"))).toBe("EPIPE");
  expect(errorCodeOf(thrown("", "EODD"))).toBe("EUNKNOWN");
  expect(errorCodeOf(thrown("", "constructor"))).toBe("EUNKNOWN");
});

describe("failure()", () => {
  test("failure() says what was done, why it failed, and the code", () => {
    const cause = thrown("bind", "EADDRINUSE");
    const error = failure("cannot listen on [::]:80", cause);
    expect(error).toBeInstanceOf(SounderError);
    expect(error).toMatchObject({
      message: "cannot listen on [::]:80: the address is in use (EADDRINUSE)",
      code: "EADDRINUSE",
      cause,
    });
  });

  test.each([
    [
      "a code that is not ours",
      thrown("it is odd", "EODD"),
      "it is odd, EODD (EUNKNOWN)",
    ],
    [
      "a code that is not ours, told already",
      thrown("EODD: it is odd", "EODD"),
      "EODD: it is odd (EUNKNOWN)",
    ],
    ["such a code alone", thrown("", "EODD"), "EODD (EUNKNOWN)"],
    ["an error without a code", new Error("odd"), "odd (EUNKNOWN)"],
    ["a string", "it is odd", "it is odd (EUNKNOWN)"],
    ["nothing", undefined, "undefined (EUNKNOWN)"],
    [
      "a reason of ours",
      new Reason("EINVAL", "it is odd"),
      "it is odd (EINVAL)",
    ],
    [
      "a reason without words",
      new Reason("EINTR"),
      "it was interrupted (EINTR)",
    ],
    [
      "an error of ours",
      new SounderError("it is odd", "ENOTSUP"),
      "it is odd (ENOTSUP)",
    ],
  ])("failure() makes one line of %s", (_, cause, why) => {
    expect(failure(ACTION, cause).message).toBe(`${ACTION}: ${why}`);
  });
});

test.each([
  [new SounderError("it is odd", "ETLS"), "it is odd (ETLS)"],
  [thrown("write", "ENOSPC"), "no space is left (ENOSPC)"],
  [
    new TypeError("x is undefined"),
    "our own code failed: x is undefined (EFAULT)",
  ],
  [undefined, "our own code failed: undefined (EFAULT)"],
])(
  "asSounderError() gives whatever was thrown a code: %p",
  (error, message) => {
    expect(asSounderError(error)).toMatchObject({ message });
  },
);
