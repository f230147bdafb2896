import { random } from "../../src/load/random.ts";
import { Payload } from "../../src/load/message/payload.ts";
import type { Target } from "./target.ts";
import { leaves, misbehave } from "./villains.ts";
import { Witness } from "./witness.ts";

/** Those who dial at the same time. */
const DIALLERS = 50;
/** Those who send without a pause. */
const STREAMS = 6;
/** Those who have the held connections say something. */
const TALKERS = 20;
const KiB = 1024;

type Random = () => number;

function between(low: number, high: number, next: Random): number {
  return Math.floor(low + next() * (high - low));
}

/** All who connect to servers in a soak: those who behave, and villains. */
export class Crowd {
  /** What went wrong for those who behave. */
  readonly faults: string[] = [];
  /** Bytes that came back to them as they should. */
  verified = 0;
  villains = 0;
  private readonly held: Witness[] = [];
  private readonly payload: Payload;

  constructor(
    private readonly targets: readonly Target[],
    private seed: number,
  ) {
    this.payload = new Payload(seed);
  }

  /** Has code loaded and compiled, which happens when it is first used. */
  async warmUp(): Promise<void> {
    await this.each(10 * DIALLERS, async (index) =>
      this.finish(await this.dial(index), 100),
    );
  }

  /** Opens connections that stay open. */
  async gather(count: number): Promise<void> {
    await this.each(count, async (index) => {
      this.held.push(await this.dial(index));
    });
  }

  /** Makes and drops connections while villains are about. */
  async endure(
    dropped: number,
    villains: number,
    over: AbortSignal,
  ): Promise<void> {
    await Promise.all([
      this.each(dropped, async (index, next) => {
        if (next() < 0.5) await leaves(this.targets, next);
        else {
          const bytes = between(1, 2 * KiB, next);
          await this.finish(await this.dial(index), bytes);
        }
      }),
      this.together(villains, async (next) => {
        const count = await misbehave(this.targets, next, over);
        this.villains += count;
      }),
      this.together(STREAMS, async (next, index) => {
        const stream = await this.dial(index);
        while (!over.aborted) {
          await this.exchange(stream, between(1, KiB * KiB, next));
        }
        await this.finish(stream, 1);
      }),
      this.together(TALKERS, async (next, index) => {
        const own = this.held.filter((_, at) => at % TALKERS === index);
        while (!over.aborted) {
          const one = own[between(0, own.length, next)]!;
          await this.exchange(one, between(1, 2 * KiB, next));
        }
      }),
    ]);
  }

  /** Ends the connections that stayed open. */
  async disperse(): Promise<void> {
    const { held } = this;
    await this.each(held.length, (index) => this.finish(held[index]!, 1));
  }

  private dial(index: number): Promise<Witness> {
    const target = this.targets[index % this.targets.length]!;
    return Witness.dial(target, this.payload);
  }

  private async exchange(witness: Witness, bytes: number): Promise<void> {
    await witness.exchange(bytes);
    this.verified += bytes;
  }

  private async finish(witness: Witness, bytes: number): Promise<void> {
    await witness.finish(bytes);
    this.verified += bytes;
  }

  /** Runs so many at the same time, each with random numbers of its own. */
  private async together(
    count: number,
    act: (next: Random, index: number) => Promise<void>,
  ): Promise<void> {
    const all = Array.from({ length: count }, (_, index) =>
      act(random((this.seed += 1)), index).catch((error: Error) =>
        this.faults.push(error.message),
      ),
    );
    await Promise.all(all);
  }

  /** Shares 0, 1, 2, … out among those who dial. */
  private each(
    count: number,
    act: (index: number, next: Random) => Promise<void>,
  ): Promise<void> {
    let index = 0;
    return this.together(DIALLERS, async (next) => {
      while (index < count) await act(index++, next);
    });
  }
}
