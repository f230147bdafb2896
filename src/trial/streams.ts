/** What a command prints, as it is kept. */

/** More than this of its output is no answer that anyone compares. */
const MOST = 64 * 2 ** 20;

/** Of what is shown of a run that failed. */
const TAIL = 4096;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Reads a stream until it ends, or nobody wants to wait longer. */
class Reading {
  private readonly reader;
  private readonly done: Promise<void>;

  constructor(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    private readonly take: (chunk: Uint8Array) => void,
  ) {
    this.reader = stream.getReader();
    this.done = this.read();
  }

  private async read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.reader.read();
        if (done) return;
        this.take(value);
      }
    } catch {
      // The stream was given up below.
    }
  }

  async ended(within: number): Promise<void> {
    const giveUp = setTimeout(() => void this.reader.cancel(), within);
    await this.done;
    clearTimeout(giveUp);
  }
}

/** All of it, up to a limit. */
export class Kept {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;
  private readonly reading: Reading;

  /** @param flooded is told once there is more than is kept */
  constructor(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    flooded: () => void,
  ) {
    this.reading = new Reading(stream, (chunk) => {
      if (this.length >= MOST) return;
      this.chunks.push(chunk);
      this.length += chunk.length;
      if (this.length >= MOST) flooded();
    });
  }

  ended(within: number): Promise<void> {
    return this.reading.ended(within);
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get tail(): string {
    return textOf(this.bytes.subarray(-TAIL));
  }
}

/** The end of it. */
export class Tail {
  private last: Uint8Array = new Uint8Array();
  private readonly reading: Reading;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.reading = new Reading(stream, (chunk) => {
      this.last = Buffer.concat([this.last, chunk]).subarray(-TAIL);
    });
  }

  ended(within: number): Promise<void> {
    return this.reading.ended(within);
  }

  get text(): string {
    return textOf(this.last);
  }
}
