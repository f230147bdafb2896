/** What a server tells of itself and of a connection. */
export interface Info {
  /** As `--name` says; the host's name otherwise. */
  server: string;
  /** Unique to the process. */
  instance: string;
  host: string;
  /** The client, as the server sees it; null of a Unix socket. */
  peer: string | null;
  local: string | null;
  /** The proxy that told in a header who the client is; null without one. */
  proxied: string | null;
  tls: InfoTls | null;
  /** ISO 8601. */
  time: string;
}

export interface InfoTls {
  version: string;
  cipher: string;
  serverName: string | null;
  /** SHA-256 of the client's certificate; null where it showed none. */
  client: string | null;
}

/** How the line of it begins, with which `--reply info` does. */
export const INFO_OPENING = '{"server":';
