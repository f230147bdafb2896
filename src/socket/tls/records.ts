/** Type, version and length: RFC 8446, 5.1. */
const HEADER = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;

/** What TLS 1.3 adds to the content of a record: its type, and a tag. */
const OVERHEAD = 17;
/** Level and description. */
const ALERT_LENGTH = 2;
/** A KeyUpdate, the shortest of the messages that are neither data nor alert. */
const SHORTEST_MESSAGE = 5;

/**
 * Looks at a TLS stream from below, to tell how it ended: Bun tells a FIN that
 * comes without TLS's own end (close_notify) as it tells one behind it, and who
 * cuts a connection could pass for one who has finished: RFC 8446, 6.1.
 */
export class TlsRecords {
  /** Of the record that has begun: bytes of its header that have come. */
  private have = 0;
  private type = 0;
  private length = 0;
  /** Bytes of it that are still to come. */
  private left = 0;
  private lastType = 0;
  /** Contents of the records that the last chunk completed, in TLS 1.3. */
  private contents: number[] = [];
  /** Bytes of data that TLS made of the last chunk. */
  private fresh = 0;
  private any = false;

  /** Bytes came, as TLS is given them. */
  received(chunk: Uint8Array): void {
    this.contents.length = 0;
    this.fresh = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.have < HEADER) {
        this.readHeader(chunk[at]!);
        at += 1;
      } else {
        const part = Math.min(this.left, chunk.length - at);
        this.left -= part;
        at += part;
      }
      if (this.have === HEADER && this.left === 0) this.complete();
    }
  }

  private readHeader(byte: number): void {
    if (this.have === 0) this.type = byte;
    else if (this.have === 3) this.length = byte << 8;
    else if (this.have === 4) this.left = this.length += byte;
    this.have += 1;
  }

  private complete(): void {
    this.have = 0;
    this.lastType = this.type;
    if (this.type === APPLICATION_DATA) {
      this.contents.push(this.length - OVERHEAD);
    }
  }

  /** TLS made `length` bytes of data of what was received. */
  delivered(length: number): void {
    this.fresh += length;
    this.any = true;
  }

  /** Whether a FIN now comes before TLS's own end. */
  truncated(version: string): boolean {
    if (this.have > 0) return true;
    if (version !== "TLSv1.3") return this.lastType !== ALERT;
    // There, only its length can tell an alert from other records.
    if (this.fresh > 0) return this.endsWithData();
    // Some pad their alerts; what comes before any data is a session ticket.
    return this.contents.at(-1) !== ALERT_LENGTH && !this.any;
  }

  /**
   * Whether the last record was data. An alert in TLS 1.3 looks like a record of
   * data of the same length, but TLS delivers nothing of it: if the lengths of
   * the last records add up to just what was delivered, the last one was data.
   * The records before those were TLS's own messages, all longer than an alert.
   */
  private endsWithData(): boolean {
    let sum = 0;
    let at = this.contents.length;
    while (at > 0 && sum < this.fresh) sum += this.contents[--at]!;
    const rest = this.contents.slice(0, at);
    return sum === this.fresh && rest.every((one) => one >= SHORTEST_MESSAGE);
  }
}
