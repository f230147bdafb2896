import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

import { type Client, Clients } from "./clients.ts";
import { type Answer, type Reply, text } from "./reply.ts";

/** What is answered to what is asked for. */
export interface Routes {
  byPath: ReadonlyMap<string, Answer>;
  /** What any other path gets. */
  otherwise: Answer;
}

/** Answers what clients ask, over HTTP/1. */
export function httpClients(routes: Routes): Clients {
  const server = createServer((request, response) => {
    const client = request.socket as unknown as Client;
    clients.asks(client);
    response.once("close", () => clients.rests(client));
    // A client that hangs up in the middle of an answer is no failure of ours.
    response.on("error", () => {});
    request.on("error", () => {});
    answer(routes, request)
      .then((reply) => send(reply, response))
      .catch(() => client.destroy());
  });
  server.on("clientError", (_, client) => client.destroy());
  const clients = new Clients((client) => server.emit("connection", client));
  return clients;
}

/** Bytes that may be sent along. */
const BODY_MOST = 64 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_MOST) {
      throw new RangeError(`it is longer than ${BODY_MOST} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function answer(
  routes: Routes,
  request: IncomingMessage,
): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const [path = "", query = ""] = url.split("?", 2);
  const asked = {
    method,
    host: headers.host ?? null,
    query: new URLSearchParams(query),
    authorization: headers.authorization,
    body: () => bodyOf(request),
  };
  try {
    return await (routes.byPath.get(path) ?? routes.otherwise)(asked);
  } catch {
    // Details of our failures are not for clients.
    return text("failed", 500);
  }
}

async function send(
  { status, headers, body }: Reply,
  response: ServerResponse,
): Promise<void> {
  const length =
    typeof body === "string"
      ? { "Content-Length": Buffer.byteLength(body) }
      : undefined;
  response.writeHead(status, { ...headers, ...length });
  // At HEAD, node:http leaves the body out.
  if (body === null) response.end();
  else if (typeof body === "string") response.end(body);
  else await stream(body, response);
}

/** Takes no more from a stream than its reader has taken. */
async function stream(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
): Promise<void> {
  const reader = body.getReader();
  response.once("close", () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    await new Promise<void>((taken) => {
      response.write(value, () => taken());
    });
  }
  response.end();
}
