import { createInterface } from "node:readline";

import { textOf } from "../../diagram/text.ts";
import { Classroom, type Line } from "../../learn/classroom.ts";
import { lessonOf } from "../../learn/lessons.ts";
import { printable } from "../../printable.ts";
import { wrap } from "../../report/text/layout.ts";
import { output } from "../shared/output.ts";
import { screenOf } from "../shared/screen.ts";

/** Characters of the conversation's column. */
const LEFT = 34;
/** Narrower, the picture stands below the conversation. */
const WIDE = LEFT + 82;
/** How long what comes after a line is awaited, in milliseconds. */
const SETTLE = 120;

const HELP = {
  en: "Type a line; an empty one ends it. /reset, /stop, /read, /kill do what they say.",
  zh: "输入一行；空行结束。/reset、/stop、/read、/kill 各如其名。",
} as const;

const SIGNS: Record<Line["from"], string> = {
  client: ">",
  server: "<",
  note: "·",
};

/** A conversation on the left, its picture on the right. @returns the status */
export async function teachInTerminal(language: "en" | "zh"): Promise<number> {
  await using room = await Classroom.open(() => {});
  const id = await room.open();
  const lines = createInterface({ input: process.stdin });
  // It listens from here on: what comes while the picture is drawn would be lost.
  const typed = lines[Symbol.asyncIterator]();
  await show(room, id, language);
  for await (const text of typed) {
    await perform(room, id, text);
    await Bun.sleep(SETTLE);
    await show(room, id, language);
    if (text === "" || text === "/reset") break;
  }
  lines.close();
  await output("\n");
  return 0;
}

async function perform(
  room: Classroom,
  id: number,
  text: string,
): Promise<void> {
  switch (text) {
    case "":
      return room.finish(id);
    case "/reset":
      return room.reset(id);
    case "/stop":
      void room.stopReading(id);
      return;
    case "/read":
      return room.readAgain(id);
    case "/kill":
      return room.killServer();
    default:
      return room.send(id, text);
  }
}

async function show(
  room: Classroom,
  id: number,
  language: "en" | "zh",
): Promise<void> {
  const { columns, controls } = screenOf(1);
  const conversation = leftOf(room, id, language);
  const diagram = room.diagram(id);
  const width = Math.max(columns - LEFT - 2, 80);
  const picture =
    diagram === undefined ? [] : textOf(diagram, width).trimEnd().split("\n");
  const text =
    columns >= WIDE
      ? beside(conversation, picture)
      : [...picture, "", ...conversation].join("\n");
  const clear = controls ? "\u001b[2J\u001b[H" : "";
  await output(`${clear}${text}\n> `);
}

function leftOf(room: Classroom, id: number, language: "en" | "zh"): string[] {
  const pupil = room.pupils.find((one) => one.id === id);
  const said = (pupil?.lines ?? []).flatMap(({ from, text }) =>
    wrap(printable(`${SIGNS[from]} ${text}`), LEFT, 2),
  );
  const lesson = room
    .events(id)
    .flatMap((event) => lessonOf(event) ?? [])
    .at(-1);
  return [
    ...wrap(HELP[language], LEFT),
    "",
    ...said.slice(-16),
    "",
    ...(lesson === undefined ? [] : wrap(lesson[language], LEFT)),
  ];
}

function beside(left: readonly string[], right: readonly string[]): string {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) => {
    const one = left[row] ?? "";
    const blanks = " ".repeat(Math.max(LEFT - Bun.stringWidth(one), 0));
    return `${one}${blanks}  ${right[row] ?? ""}`.trimEnd();
  }).join("\n");
}
