import { Queue } from "./queue.ts";

/** Lets a number of acts go on at one time; the others wait in line. */
export class Gate {
  private readonly line = new Queue<() => void>();

  constructor(private room: number) {}

  async through(act: () => Promise<void>): Promise<void> {
    if (this.room > 0) this.room -= 1;
    else await new Promise<void>((enter) => this.line.push(enter));
    try {
      await act();
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.room += 1;
      else next();
    }
  }
}
