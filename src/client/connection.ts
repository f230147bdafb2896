import { failure, Reason, SounderError, faultOf } from "../errors/errors.ts";
import { shown } from "../options.ts";
import { Outbox } from "../socket/outbox.ts";
import { type TcpInfo, tcpInfo } from "../kernel/tcp-info.ts";
import type { TlsSession, Wire, WireHandlers } from "../socket/wire.ts";
import {
  checkWait,
  Incoming,
  unlessAborted,
  type WaitOptions,
} from "./incoming.ts";
import { progressOf } from "./progress.ts";

/** The connection is over: by both FINs, or by `error`. */
interface Closed {
  error: SounderError | undefined;
}

/** Makes a connection on an open socket. @param target how messages name it */
export let connectionOn: (wire: Wire<Connection>, target: string) => Connection;

/** One set of handlers for all connections. */
export let connectionHandlers: WireHandlers<Connection>;

/**
 * A TCP connection as a stream of chunks each way. Reading and writing wait for
 * the other side: what is not read is not received, what is not taken is not
 * accepted from the caller.
 */
export class Connection implements AsyncIterable<Buffer>, AsyncDisposable {
  /** Bytes taken from write(), whether sent or not. */
  private accepted = 0;
  private received = 0;

  private readonly outbox = new Outbox();
  private writing: PromiseWithResolvers<void> | undefined;
  private sending: "open" | "finishing" | "finished" = "open";

  private readonly incoming: Incoming;
  private peerFinished = false;

  /** When a byte last moved, and when the peer's end was seen. */
  private movedAt = performance.now();
  private endedAt: number | undefined;
  private over: Closed | undefined;
  private readonly whenClosed = Promise.withResolvers<void>();

  /** How messages name the other end. */
  readonly target: string;

  private constructor(
    private readonly wire: Wire<Connection>,
    target: string,
  ) {
    this.target = target;
    this.incoming = new Incoming(wire, target);
  }

  // What only connect() may do with a connection is no part of its type.
  static {
    connectionOn = (wire, target) => (wire.data = new Connection(wire, target));
    connectionHandlers = {
      open() {},
      data: (wire, chunk) => wire.data.onData(chunk),
      writable: (wire) => wire.data.onWritable(),
      end: (wire, truncated = false) => wire.data.onEnd(truncated),
      close: (wire, error) => wire.data.onClose(error),
      error(wire, error) {
        wire.data.onClose(faultOf(error));
        wire.terminate();
      },
    };
  }

  /** Our own end: undefined of a Unix socket. */
  get localAddress(): string | undefined {
    return this.wire.localAddress;
  }
  get localPort(): number | undefined {
    return this.wire.localPort;
  }

  /** The end that we are connected to: undefined of a Unix socket. */
  get remoteAddress(): string | undefined {
    return this.wire.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.wire.remotePort;
  }

  /** What TLS agreed on; undefined where it is not spoken. */
  get tls(): TlsSession | undefined {
    return this.wire.tls;
  }

  /**
   * What the kernel knows of it now; undefined where that can't be told: once it
   * is closed, of a Unix socket, off Linux.
   */
  tcpInfo(): TcpInfo | undefined {
    return this.over === undefined ? tcpInfo(this.wire.fd) : undefined;
  }

  /**
   * Has the kernel ask, after so many milliseconds without a byte, whether the
   * other end is there; undefined: never, as at first.
   */
  keepAlive(delay: number | undefined): void {
    this.wire.setKeepAlive(delay !== undefined, delay ?? 0);
  }

  /** Bytes the kernel took. */
  get bytesSent(): number {
    return this.accepted - this.outbox.pending;
  }

  /** Bytes that arrived. */
  get bytesReceived(): number {
    return this.received;
  }

  /** Milliseconds without a byte either way, by now or by the peer's end. */
  get silence(): number {
    return (this.endedAt ?? performance.now()) - this.movedAt;
  }

  /** Whether our FIN is out, behind all that was to be sent. */
  get finished(): boolean {
    return this.sending === "finished";
  }

  /**
   * Sends `bytes`, which must not change until the promise resolves: when the
   * kernel has all of them, and of all that was written before.
   * @throws SounderError `ECONNRESET`, or `EPIPE` after finish(); the signal's
   * reason: what was not sent yet still will be
   */
  async write(bytes: Uint8Array, options: WaitOptions = {}): Promise<void> {
    checkWait("write()", options);
    options.signal?.throwIfAborted();
    if (!(bytes instanceof Uint8Array)) {
      const why = `${shown(bytes)} is no Uint8Array: Buffer.from(text) makes one`;
      throw new SounderError(`write(): ${why}`, "EOPTION");
    }
    if (this.over !== undefined || this.sending !== "open") {
      throw this.over?.error ?? this.unwritable();
    }
    this.accepted += bytes.length;
    this.movedAt = performance.now();
    if (this.outbox.send(this.wire, bytes)) return;
    this.writing ??= Promise.withResolvers();
    return unlessAborted(this.writing.promise, options.signal);
  }

  /**
   * The next chunk as it arrived, or undefined once the peer has finished. One
   * read at a time.
   * @throws SounderError `ECONNRESET`, after what arrived before it; `EBUSY`
   * while another read is pending; the signal's reason. No byte is lost with
   * any of these: the next read has what arrived.
   */
  async read(options: WaitOptions = {}): Promise<Buffer | undefined> {
    checkWait("read()", options);
    return this.incoming.read(options);
  }

  /**
   * So many bytes, in one piece.
   * @throws SounderError `EEARLY` where the peer finishes before; as read()
   */
  async readExactly(count: number, options: WaitOptions = {}): Promise<Buffer> {
    return this.incoming.readExactly(count, options);
  }

  /**
   * All that comes until the peer has finished.
   * @throws SounderError as read()
   */
  async readAll(options: WaitOptions = {}): Promise<Buffer> {
    return this.incoming.readAll(options);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = await this.read();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  /** Sends our FIN behind what is still to be sent; reading goes on. */
  finish(): void {
    if (this.over !== undefined || this.sending !== "open") return;
    this.sending = "finishing";
    this.finishIfSent();
  }

  /**
   * Closes at once: with our FIN where the peer has finished and has all that
   * we sent, otherwise with a reset.
   */
  close(): void {
    if (this.peerFinished && this.outbox.pending === 0) this.finish();
    else this.reset();
  }

  /** Closes with a reset; what was not sent is dropped. */
  reset(): void {
    if (this.over === undefined) this.wire.terminate();
  }

  /** Resolves when the connection is gone, however it ended. */
  get closed(): Promise<void> {
    return this.whenClosed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  private gone(cause: Error): SounderError {
    const action = `the connection to ${this.target} ended ${progressOf(this)}`;
    return failure(action, cause);
  }

  private unwritable(): SounderError {
    const why = "finish() was called, or the connection is over";
    return failure(`cannot write to ${this.target}`, new Reason("EPIPE", why));
  }

  private finishIfSent(): void {
    if (this.sending !== "finishing" || this.outbox.pending > 0) return;
    this.sending = "finished";
    if (this.peerFinished) this.wire.end();
    else this.wire.shutdown();
  }

  private onData(chunk: Buffer): void {
    this.received += chunk.length;
    this.movedAt = performance.now();
    this.incoming.push(chunk);
  }

  private onWritable(): void {
    const before = this.outbox.pending;
    const sent = this.outbox.flush(this.wire);
    if (this.outbox.pending < before) this.movedAt = performance.now();
    if (!sent) return;
    this.writing?.resolve();
    this.writing = undefined;
    this.finishIfSent();
  }

  private onEnd(truncated: boolean): void {
    // Bun tells a reset that a write met as an end, then a close without error.
    if (this.outbox.refused) return;
    if (truncated) {
      this.onClose(new Reason("ETRUNCATED"));
      this.wire.terminate();
      return;
    }
    this.peerFinished = true;
    this.endedAt = performance.now();
    this.incoming.end();
    if (this.sending === "finished") this.wire.end();
  }

  private onClose(cause: Error | undefined): void {
    if (this.over !== undefined) return;
    this.endedAt ??= performance.now();
    const lost = cause !== undefined || this.outbox.pending > 0;
    const error = lost
      ? this.gone(cause ?? new Reason("ECONNRESET"))
      : undefined;
    this.over = { error };
    this.writing?.reject(error ?? this.unwritable());
    this.incoming.end(error);
    this.writing = undefined;
    this.whenClosed.resolve();
  }
}
