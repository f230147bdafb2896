export type Answer = (request: Request) => Response | Promise<Response>;

const HEADERS = {
  "Cache-Control": "no-store",
  // Whatever a peer calls itself, nothing but our own files runs or is asked.
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

export function respond(
  body: Bun.BodyInit | null,
  type: string,
  more?: Record<string, string>,
): Response {
  const headers = { ...HEADERS, "Content-Type": type, ...more };
  return new Response(body, { headers });
}

/** A line for people, who are told so much and no more. */
export function say(
  line: string,
  status = 200,
  more?: Record<string, string>,
): Response {
  const headers = {
    ...HEADERS,
    "Content-Type": "text/plain; charset=utf-8",
    ...more,
  };
  return new Response(`${line}\n`, { status, headers });
}

/** Answers GET, and HEAD, whose body Bun leaves out. */
export function reading(answer: Answer): Answer {
  return (request) =>
    request.method === "GET" || request.method === "HEAD"
      ? answer(request)
      : say("only GET and HEAD", 405, { Allow: "GET, HEAD" });
}
