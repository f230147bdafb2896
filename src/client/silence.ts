import { SounderError } from "../errors/errors.ts";
import { formatCount, formatDuration, plural } from "../units.ts";
import type { Connection } from "./connection.ts";
import { HALF_CLOSE } from "./progress.ts";

/** Milliseconds in which what has arrived is read, once the loop turns again. */
const READ_WITHIN = 20;

/**
 * Fails when nothing has come back for `timeout` while something is due: fewer
 * bytes are back than were sent, none since the last write, or only the
 * server's end is missing. Without a timeout it waits for ever.
 */
export class SilenceWatch implements Disposable {
  /** Rejects with SounderError `ETIMEDOUT`; never resolves. */
  readonly failed: Promise<never>;
  private readonly timer: Timer | undefined;
  /**
   * Whether an answer is to come, as far as bytes tell: a server that stamps
   * answers with more than it was sent.
   */
  due = false;
  private reading = false;
  private finished = false;
  private quietSince = performance.now();

  constructor(
    private readonly connection: Connection,
    timeout: number | undefined,
  ) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.failed = promise;
    if (timeout === undefined) return;
    const late = () =>
      this.reading &&
      this.due &&
      performance.now() - this.quietSince >= timeout;
    const look = () => {
      if (!late()) return;
      // What came while this process stood still is to be read first.
      setTimeout(() => {
        if (late()) reject(this.error(timeout));
      }, READ_WITHIN);
    };
    this.timer = setInterval(look, Math.max(1, Math.min(timeout / 10, 1000)));
  }

  /** To be called before a write, since the answer may be quick. */
  sending(): void {
    if (!this.due) this.quietSince = performance.now();
    this.due = true;
  }

  /**
   * The connection's next chunk. Silence counts while it is awaited: what the
   * caller does with a chunk may take its time.
   */
  async read(): Promise<Buffer | undefined> {
    this.quietSince = performance.now();
    this.reading = true;
    const chunk = await this.connection.read();
    this.reading = false;
    if (chunk !== undefined) {
      const { bytesReceived, bytesSent } = this.connection;
      this.due = this.finished || bytesReceived < bytesSent;
    }
    return chunk;
  }

  /** Our FIN is out: the server's is due. */
  finishing(): void {
    this.sending();
    this.finished = true;
  }

  private error(timeout: number): SounderError {
    const { bytesReceived, bytesSent, target } = this.connection;
    const doubt = this.finished && bytesReceived < bytesSent ? HALF_CLOSE : "";
    return new SounderError(
      `nothing came back from ${target} for ${formatDuration(timeout)}, after ` +
        `${formatCount(bytesReceived)} of ${plural(bytesSent, "byte")}${doubt}`,
      "ETIMEDOUT",
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }
}
