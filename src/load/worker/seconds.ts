import { TimeCounts } from "../../result/times.ts";
import type { SecondTally, Tally } from "./tally.ts";

/** What came back, second by second. */
export class Seconds {
  /** Messages that came back while it was measured, whenever they were due. */
  answers = 0;
  /** Messages that count, and will have no answer. */
  givenUp = 0;
  /** Of the messages of this second. */
  latency = new TimeCounts();
  private number = 1;
  private before = { answers: 0, failures: 0, givenUp: 0 };

  /** @param tally of which a second's errors and latencies are a part */
  constructor(private readonly tally: Tally) {}

  /** Opens the books on the first second. */
  start(): void {
    this.before.failures = this.tally.failed;
  }

  /**
   * Closes the books on a second, and opens those of the next.
   * @param answers how many had come back by its end
   */
  take(answers = this.answers): SecondTally {
    const { givenUp, before, latency } = this;
    const failures = this.tally.failed;
    const taken = {
      second: this.number,
      messages: answers - before.answers,
      errors: failures - before.failures,
      unanswered: givenUp - before.givenUp,
      latency,
    };
    this.tally.latency.add(latency);
    this.latency = new TimeCounts();
    this.number += 1;
    this.before = { answers, failures, givenUp };
    return taken;
  }

  /** No answer is awaited any more, and nothing is sent. */
  giveUpRest(): void {
    const { sent, received, unsent } = this.tally;
    this.givenUp = sent - received - this.latency.total + unsent;
  }
}
