import type { TcpInfo } from "../../kernel/tcp-info.ts";

/** What each answer's first line has. */
export interface Answered {
  /** The process that answers: unique to it. */
  instance: string;
  /** This connection, to that instance. */
  connection: string;
}

/** How the server saw a connection end. */
export interface Ended {
  /**
   * - `open`: it has not ended.
   * - `FIN`: the client finished, and so did the server.
   * - `RST`: it was reset from the client's side.
   * - `server`: the server ended it itself, as a question or its limits wanted.
   */
  how: "open" | "FIN" | "RST" | "server";
  /** Bytes that came, the question's included, and that were sent. */
  received: number;
  sent: number;
  /** Bytes that came after the server's own FIN. */
  receivedAfterFinish: number;
  /** Seconds from its opening to its end, or until now; to the client's FIN. */
  seconds: number;
  finishedAfter: number | null;
}

/** An end's addresses, as it sees them; undefined of a Unix socket. */
export interface Ends {
  local: string | undefined;
  peer: string | undefined;
}

/** What the server's kernel and TLS say of a connection. */
export interface KernelAnswer {
  /** Null where it can't be measured there, or the connection is gone. */
  tcp: TcpInfo | null;
  ends: Ends;
  /** SHA-256 of exported keying material, in hex; null without TLS. */
  tls: string | null;
}

/** What was counted before our FIN. */
export interface Counted {
  /** Bytes behind the question's line, and their CRC-32. */
  received: number;
  crc32: number;
}

/** When each piece came: microseconds since the first, and bytes. */
export type Arrival = readonly [at: number, bytes: number];
