import { describe, expect, test } from "bun:test";

import {
  environment,
  filledIn,
  hasPlaceholder,
  shellWords,
} from "../../src/trial/command-line.ts";

const AT = { kind: "tcp", host: "127.0.0.1", port: 8007 } as const;

describe("a command's placeholders", () => {
  test("are filled in wherever they stand, again and again", () => {
    const words = ["nc", "{host}", "{port}", "http://{address}/{host}", "{}"];
    expect(filledIn(words, AT)).toEqual([
      "nc",
      "127.0.0.1",
      "8007",
      "http://127.0.0.1:8007/127.0.0.1",
      "{}",
    ]);
  });

  test("are none of other braces", () => {
    const words = ["curl", "{a,b}", "{HOST}", "{ host }", "${port"];
    expect(filledIn(words, AT)).toEqual(words);
    expect(hasPlaceholder(words)).toBe(false);
    expect(hasPlaceholder(["curl", "http://{address}/"])).toBe(true);
  });

  test("an IPv6 address gets its brackets", () => {
    const v6 = { ...AT, host: "::1" };
    expect(filledIn(["{host} {address}"], v6)).toEqual(["::1 [::1]:8007"]);
  });

  test("are in the environment, too", () => {
    expect(environment(AT)).toEqual({
      SOUNDER_HOST: "127.0.0.1",
      SOUNDER_PORT: "8007",
      SOUNDER_ADDRESS: "127.0.0.1:8007",
    });
  });
});

test("a command is told as a shell would take it", async () => {
  const command = ["printf", "<%s>", "a b", "it's", "", "{host}", "$x;*"];
  expect(shellWords(command)).toBe(
    "printf '<%s>' 'a b' 'it'\\''s' '' {host} '$x;*'",
  );
  const shell = Bun.spawn(["sh", "-c", shellWords(command)], {
    stdout: "pipe",
  });
  expect(await shell.stdout.text()).toBe("<a b><it's><><{host}><$x;*>");
});
