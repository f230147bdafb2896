import { describe, expect, test } from "bun:test";

import { act } from "../../src/learn/acts.ts";
import { Classroom } from "../../src/learn/classroom.ts";
import { lessonOf } from "../../src/learn/lessons.ts";
import { until } from "../support/until.ts";

const open = () => Classroom.open(() => {});
const linesOf = (room: Classroom, id: number) =>
  room.pupils.find((one) => one.id === id)!.lines.map(({ text }) => text);

describe("a classroom", () => {
  test("draws both sides of what each client says", async () => {
    await using room = await open();
    const id = await room.open();
    await room.send(id, "hello");
    await until(() => linesOf(room, id).length === 2, "the answer");
    expect(linesOf(room, id)[1]).toMatch(/^\[.{24}\] hello$/);
    const diagram = room.diagram(id)!;
    expect(diagram.sides.length).toBe(2);
    const steps = diagram.rows.flatMap(({ step }) => step ?? []);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 10]);
    expect(diagram.notes).toEqual([]);
  });

  test("has several clients at once, and says who is waited for", async () => {
    await using room = await open();
    const [one, two] = [await room.open(), await room.open()];
    await room.send(two, "second");
    await until(() => linesOf(room, two).length === 2, "the answer");
    expect(linesOf(room, one)).toEqual([]);
    await until(() => room.waits.length === 2, "both are waited for");
    expect(room.diagram(one)!.client).not.toBe(room.diagram(two)!.client);
  });

  test("half-closes, and says who holds the port", async () => {
    await using room = await open();
    const id = await room.open();
    room.finish(id);
    await until(() => room.pupils[0]!.state === "gone", "its end");
    const shown = () => room.diagram(id)!.summary.join(" ");
    expect(shown()).toContain("The client closed first");
    if (process.platform === "linux") {
      await until(() => shown().includes("TIME-WAIT"), "TIME-WAIT");
    }
  });

  test("shows back-pressure: a reader that stops pauses the server", async () => {
    await using room = await open();
    const id = await room.open();
    void room.stopReading(id);
    const has = (verb: string) =>
      room.events(id).some((one) => one.verb === verb);
    await until(() => has("pause"), "the server pauses");
    room.readAgain(id);
    await until(() => has("resume"), "the server goes on");
  });

  test("has a server that dies, and another after it", async () => {
    await using room = await open();
    const id = await room.open();
    await act(room, { act: "kill" });
    expect(room.address).toBeUndefined();
    await until(() => room.pupils[0]!.state === "gone", "the reset");
    expect(linesOf(room, id).join(" ")).toContain("reset");
    const refused = await room.open();
    expect(room.pupils[refused - 1]!.state).toBe("gone");
    await act(room, { act: "start" });
    const next = await room.open();
    expect(room.pupils[next - 1]!.state).toBe("open");
  });

  test("makes what goes wrong by faults", async () => {
    await using room = await open();
    await act(room, { act: "faults", text: "reset" });
    const id = await room.open();
    await room.send(id, "hello");
    await until(() => room.pupils[0]!.state === "gone", "the reset");
    expect(room.activeFaults).toEqual(["reset after 3"]);
  });

  test("has a sentence in both languages for each step that it shows", async () => {
    await using room = await open();
    const id = await room.open();
    await room.send(id, "hello");
    room.finish(id);
    await until(() => room.pupils[0]!.state === "gone", "its end");
    for (const event of room.events(id)) {
      const lesson = lessonOf(event);
      expect(lesson?.en.length ?? 0).toBeGreaterThan(10);
      expect(lesson?.zh ?? "").toMatch(/\p{Script=Han}/u);
    }
  });

  test.each([
    null,
    { act: "fly" },
    { act: "send", client: "1" },
    { act: "faults", text: "constructor" },
  ])("refuses %j", async (asked) => {
    await using room = await open();
    await expect(act(room, asked)).rejects.toThrow(RangeError);
  });
});
