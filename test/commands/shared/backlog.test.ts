import { describe, expect, test } from "bun:test";

import { Backlog } from "../../../src/commands/shared/backlog.ts";

/** A reader who takes what is written when it is told to. */
class Reader {
  readonly written: string[] = [];
  private taken: (() => void) | undefined;

  write(text: string, taken: () => void): void {
    // A second one would be another thing for a stream to hold.
    expect(this.taken).toBeUndefined();
    this.written.push(text);
    this.taken = taken;
  }

  take(): void {
    const { taken } = this;
    this.taken = undefined;
    taken!();
  }
}

function isPending(promise: Promise<unknown>): boolean {
  return Bun.peek.status(promise) === "pending";
}

describe("Backlog", () => {
  test("holds so much, and tells how much it left out once there is room", () => {
    const reader = new Reader();
    const backlog = new Backlog(reader, 12);
    backlog.onLeftOut = (count) => backlog.add(`${count} left out`);
    for (const line of ["aaaaaa", "bbbbbb", "cccccc", "dddddd"]) {
      backlog.add(line);
    }
    expect(reader.written).toEqual(["aaaaaa\n"]);
    // Half of it has to be free, or each line would be told of by another.
    reader.take();
    backlog.add("eeeeee");
    reader.take();
    backlog.add("ffffff");
    reader.take();
    expect(reader.written.slice(1)).toEqual([
      "bbbbbb\n",
      "3 left out\n",
      "ffffff\n",
    ]);
  });

  test("says nothing of what was left out where nothing was", () => {
    const reader = new Reader();
    const backlog = new Backlog(reader, 10);
    backlog.onLeftOut = () => expect.unreachable();
    for (let line = 0; line < 100; line += 1) {
      backlog.add("aaaaaaaaaa");
      reader.take();
    }
    expect(reader.written).toHaveLength(100);
  });

  test("writes in one what came while somebody was reading", () => {
    const reader = new Reader();
    const backlog = new Backlog(reader);
    for (const line of ["one", "two", "three"]) backlog.add(line);
    reader.take();
    reader.take();
    expect(reader.written).toEqual(["one\n", "two\nthree\n"]);
  });

  test("hands over what waits when it is flushed, and is empty after both", async () => {
    const written: string[] = [];
    const taken: (() => void)[] = [];
    const backlog = new Backlog({
      write(text, done) {
        written.push(text);
        taken.push(done);
      },
    });
    backlog.flush();
    for (const line of ["one", "two", "three"]) backlog.add(line);
    backlog.flush();
    backlog.add("four");
    expect(written).toEqual(["one\n", "two\nthree\n"]);
    taken[0]!();
    expect(written).toHaveLength(2);
    const empty = backlog.emptied();
    taken[1]!();
    expect(written).toEqual(["one\n", "two\nthree\n", "four\n"]);
    expect(isPending(empty)).toBe(true);
    taken[2]!();
    await empty;
  });

  test("hands each line to a reader who takes it at once", () => {
    const written: string[] = [];
    const backlog = new Backlog({
      write(text, taken) {
        written.push(text);
        taken();
      },
    });
    for (const line of ["one", "two"]) backlog.add(line);
    expect(written).toEqual(["one\n", "two\n"]);
  });

  test("emptied() waits until all is taken, each time", async () => {
    const reader = new Reader();
    const backlog = new Backlog(reader);
    await backlog.emptied();
    for (let round = 0; round < 2; round += 1) {
      backlog.add("one");
      backlog.add("two");
      const emptied = backlog.emptied(60_000);
      reader.take();
      await Promise.resolve();
      expect(isPending(emptied)).toBe(true);
      reader.take();
      await emptied;
    }
  });

  test("emptied() waits for nobody who does not read", async () => {
    const backlog = new Backlog(new Reader());
    backlog.add("one");
    await backlog.emptied(10);
  });
});
