/** What is asked, as far as an answer depends on it. */
export interface Asked {
  method: string;
  /** The Host header. */
  host: string | null;
  query: URLSearchParams;
  /** The Authorization header. */
  authorization?: string | undefined;
  /** What was sent along. It rejects where that is too much. */
  body?(): Promise<string>;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** null where there is none. */
  body: string | ReadableStream<Uint8Array> | null;
}

export type Answer = (asked: Asked) => Reply | Promise<Reply>;

const HEADERS = {
  "Cache-Control": "no-store",
  // Peers' names are on the page: only our own files may run or be fetched.
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

export function reply(body: Reply["body"], type: string): Reply {
  return { status: 200, headers: { ...HEADERS, "Content-Type": type }, body };
}

/** One line of plain text. */
export function text(
  line: string,
  status = 200,
  more?: Record<string, string>,
): Reply {
  const type = { "Content-Type": "text/plain; charset=utf-8" };
  return {
    status,
    headers: { ...HEADERS, ...type, ...more },
    body: `${line}\n`,
  };
}

/** Answers GET, and HEAD, whose body is left out. */
export function reading(answer: Answer): Answer {
  return (asked) =>
    asked.method === "GET" || asked.method === "HEAD"
      ? answer(asked)
      : text("only GET and HEAD", 405, { Allow: "GET, HEAD" });
}
