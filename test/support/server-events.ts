export interface ServerEvent {
  name: string;
  data: unknown;
}

/** Reads a stream of server-sent events, one after another. */
export class ServerEvents {
  private readonly reader;
  private readonly decoder = new TextDecoder();
  private text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.reader = stream.getReader();
  }

  async next(): Promise<ServerEvent> {
    let end: number;
    while ((end = this.text.indexOf("\n\n")) < 0) {
      const { done, value } = await this.reader.read();
      if (done) throw new Error("the events have ended");
      this.text += this.decoder.decode(value, { stream: true });
    }
    const fields = new Map(
      this.text
        .slice(0, end)
        .split("\n")
        .map((line) => line.split(/: (.*)/s, 2) as [string, string]),
    );
    this.text = this.text.slice(end + 2);
    return {
      name: fields.get("event")!,
      data: JSON.parse(fields.get("data")!),
    };
  }

  /** Hangs up. */
  leave(): Promise<void> {
    return this.reader.cancel();
  }
}
