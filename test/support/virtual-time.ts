import { spyOn } from "bun:test";

const { setImmediate: immediately } = globalThis;

/** Lets all that is ready happen, in no time. */
const realTurn = () => new Promise<void>((done) => void immediately(done));

/** What a look at the clock takes, in milliseconds: who turns in wait gets on. */
const LOOK = 0.002;

interface Waiting {
  at: number;
  every: number | undefined;
  act: () => void;
}

/**
 * Time that passes only while somebody waits for it: the globals that tell it
 * and wait for it are replaced, until this is disposed of. What is measured
 * then does not depend on the machine.
 */
export class VirtualTime implements Disposable {
  now = 1_000_000;
  private last = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly spies: Disposable[];

  constructor() {
    const later = (act: () => void, ms = 0) => this.add(act, ms, undefined);
    const drop = (timer: unknown) => void this.waiting.delete(timer as number);
    this.spies = [
      spyOn(performance, "now").mockImplementation(() => (this.now += LOOK)),
      spyOn(globalThis, "setTimeout").mockImplementation(later as never),
      spyOn(globalThis, "setImmediate").mockImplementation(((act: () => void) =>
        later(act)) as never),
      spyOn(globalThis, "setInterval").mockImplementation(((
        act: () => void,
        ms: number,
      ) => this.add(act, ms, ms)) as never),
      spyOn(globalThis, "clearTimeout").mockImplementation(drop),
      spyOn(globalThis, "clearImmediate").mockImplementation(drop as never),
      spyOn(globalThis, "clearInterval").mockImplementation(drop),
      spyOn(Bun, "sleep").mockImplementation(
        ((ms: number) =>
          new Promise<void>((resolve) => later(resolve, ms))) as never,
      ),
    ];
  }

  /** Lets time pass until `work` is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const over = work.finally(() => (done = true));
    over.catch(() => {});
    for (;;) {
      await realTurn();
      if (done) return over;
      this.step();
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await realTurn();
      const next = this.next();
      if (next === undefined || next[1].at > end) break;
      this.step();
    }
    this.now = Math.max(this.now, end);
  }

  /** How many wait. */
  get pending(): number {
    return this.waiting.size;
  }

  private add(act: () => void, ms: number, every: number | undefined): number {
    this.last += 1;
    this.waiting.set(this.last, { at: this.now + ms, every, act });
    return this.last;
  }

  private next(): [number, Waiting] | undefined {
    let next: [number, Waiting] | undefined;
    for (const one of this.waiting) {
      if (next === undefined || one[1].at < next[1].at) next = one;
    }
    return next;
  }

  private step(): void {
    const next = this.next();
    if (next === undefined) throw new Error("nobody waits, and it is not done");
    const [timer, { at, every, act }] = next;
    this.now = Math.max(this.now, at);
    if (every === undefined) this.waiting.delete(timer);
    else this.waiting.set(timer, { at: this.now + every, every, act });
    act();
  }

  [Symbol.dispose](): void {
    for (const spy of this.spies) spy[Symbol.dispose]();
  }
}
