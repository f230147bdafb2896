import { expect, test } from "bun:test";
import fc from "fast-check";

import {
  OPENING,
  type Question,
  QUESTION_BYTES,
  questionLine,
} from "../../../src/protocol/cooperation/question.ts";
import { readQuestion } from "../../../src/protocol/cooperation/read-question.ts";

const QUESTIONS: Question[] = [
  { ask: "who" },
  { ask: "kernel" },
  { ask: "kernel", connection: "12" },
  { ask: "ended", connection: "7" },
  { ask: "finish", after: 0 },
  { ask: "reset", after: 100 },
  { ask: "late", after: 1000 },
  { ask: "quiet" },
  { ask: "quiet", speak: 5000 },
  { ask: "send", bytes: 2 ** 30 },
  { ask: "story", peer: "[2001:db8::1]:53124" },
  { ask: "arrivals" },
  { ask: "arrivals", bytes: 1200 },
];

test.each(QUESTIONS)(
  "%j is read as it was written, whatever follows",
  (question) => {
    const line = questionLine(question);
    expect(line.length).toBe(QUESTION_BYTES);
    const read = readQuestion(Buffer.concat([line, Buffer.from("more")]));
    expect(read).toEqual({ state: "question", question, used: QUESTION_BYTES });
  },
);

test("it is awaited as long as it may still be one", () => {
  const line = questionLine({ ask: "who" });
  for (let length = 0; length < line.length; length += 1) {
    expect(readQuestion(line.subarray(0, length))).toEqual({ state: "more" });
  }
});

test.each([
  "hello\n",
  "SOUNDER/2 {}\n",
  `${OPENING}\n`,
  `${OPENING}{"ask":"who"\n`,
  `${OPENING}[]\n`,
  `${OPENING}{"ask":"constructor"}\n`,
  `${OPENING}{"ask":"reset","after":-1}\n`,
  `${OPENING}{"ask":"reset","after":1e12}\n`,
  `${OPENING}{"ask":"reset","after":"1"}\n`,
  `${OPENING}{"ask":"reset"}\n`,
  `${OPENING}{"ask":"send","bytes":1.5}\n`,
  `${OPENING}{"ask":"send","bytes":1073741825}\n`,
  `${OPENING}{"ask":"ended","connection":7}\n`,
  `${OPENING}{"ask":"ended","connection":"x"}\n`,
  `${OPENING}${"x".repeat(2000)}`,
  `${OPENING}{"ask":"who"}${" ".repeat(QUESTION_BYTES)}\n`,
])("%j is none", (text) => {
  expect(readQuestion(Buffer.from(text))).toEqual({ state: "none" });
});

test("what is told of a beginning stays true of what follows", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
    fc.string().map((text) => Buffer.from(OPENING + text)),
    fc.constantFrom(...QUESTIONS).map(questionLine),
  );
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const before = readQuestion(first);
      const after = readQuestion(Buffer.concat([first, second]));
      if (before.state !== "more") expect(after).toEqual(before);
    }),
  );
});
