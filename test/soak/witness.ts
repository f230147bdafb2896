import { type Payload, PERIOD } from "../../src/load/message/payload.ts";
import { dial, type Target } from "./target.ts";

/** The most that is offered to the kernel at once. */
const CHUNK = 64 * 1024;

let witnesses = 0;

/**
 * A well-behaved client. What it sends is a stretch of the payload, so that it
 * knows every byte that has to come back.
 */
export class Witness {
  private sent = 0;
  private received = 0;
  private said = 0;
  private finishing = false;
  private finished = false;
  private wrong: string | undefined;
  private wake = () => {};
  private socket!: Bun.Socket;
  private readonly start: number;

  private constructor(
    private readonly payload: Payload,
    private readonly kind: Target["kind"],
  ) {
    this.start = payload.startOf(witnesses++);
  }

  static async dial(target: Target, payload: Payload): Promise<Witness> {
    const witness = new Witness(payload, target.kind);
    await witness.connect(target);
    return witness;
  }

  /** Sends the next so many bytes, and waits until they are back. */
  async exchange(bytes: number): Promise<void> {
    this.said += bytes;
    this.flush();
    while (this.received < this.said) await this.change();
  }

  /** Sends so many bytes and its FIN; waits for all of them, and for one. */
  async finish(bytes: number): Promise<void> {
    this.said += bytes;
    this.finishing = true;
    this.flush();
    while (!this.finished) await this.change();
    this.socket.end();
    if (this.received === this.said) return;
    this.fail("the server finished early");
    await this.change();
  }

  /** @throws Error once something went wrong, whatever is waited for */
  private async change(): Promise<void> {
    if (this.wrong === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.wrong !== undefined) throw new Error(this.wrong);
  }

  private fail(what: string): void {
    this.wrong ??=
      `${this.kind}: ${what}, with ${this.received} of ${this.said} bytes ` +
      `received`;
    this.wake();
  }

  private view(from: number, length: number): Buffer {
    const at = (this.start + from) % PERIOD;
    return this.payload.block.subarray(at, at + length);
  }

  private flush(): void {
    while (this.sent < this.said) {
      const length = Math.min(CHUNK, this.said - this.sent);
      const taken = this.socket.write(this.view(this.sent, length));
      this.sent += Math.max(taken, 0);
      if (taken < length) return;
    }
    if (this.finishing) this.socket.shutdown();
  }

  private async connect(target: Target): Promise<void> {
    const { promise: isOpen, resolve, reject } = Promise.withResolvers<void>();
    this.socket = await dial(target, {
      open: () => resolve(),
      data: (_, chunk) => {
        if (!chunk.equals(this.view(this.received, chunk.length))) {
          this.fail("a byte is wrong");
        }
        this.received += chunk.length;
        this.wake();
      },
      drain: () => this.flush(),
      end: () => {
        this.finished = true;
        if (!this.finishing) this.fail("the server sent its FIN");
        this.wake();
      },
      close: (_, error) => {
        const why = error?.message ?? "no error";
        reject(new Error(`${this.kind}: closed as it opened (${why})`));
        if (this.finished) return;
        if (this.finishing && error === undefined) this.finished = true;
        else this.fail(`it was closed (${why})`);
        this.wake();
      },
    });
    await isOpen;
  }
}
