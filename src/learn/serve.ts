import { randomBytes, timingSafeEqual } from "node:crypto";

import type { Endpoint } from "../address/endpoint.ts";
import { hostCheck } from "../admin/hosts.ts";
import {
  type Answer,
  reading,
  reply,
  type Reply,
  text,
} from "../admin/reply.ts";
import { serve, type Serving } from "../admin/serve.ts";
import { svgOf } from "../diagram/svg.ts";
import { whyOf } from "../errors/errors.ts";
import { act } from "./acts.ts";
import type { Classroom } from "./classroom.ts";
import { CODE } from "./code.ts";
import { ASSETS } from "./page/assets.ts";
import { codePage, pageOf } from "./page/html.ts";
import { stateOf } from "./state.ts";
import type { Viewers } from "./viewers.ts";

const HTML = "text/html; charset=utf-8";

/**
 * The page that a classroom is watched and steered from. Only whoever has its
 * token can steer: other pages of the same browser don't.
 */
export async function serveClassroom(
  room: Classroom,
  viewers: Viewers,
  at: Endpoint,
): Promise<Serving> {
  const token = randomBytes(16).toString("hex");
  const isOurs = hostCheck([]);
  const ofOurs =
    (answer: Answer): Answer =>
    (asked) =>
      isOurs(asked.host)
        ? answer(asked)
        : text("not a name of this server", 421);
  const looking = (query: URLSearchParams) => Number(query.get("client") ?? 1);
  const named: [string, Answer][] = [
    ["/", () => reply(pageOf(token), HTML)],
    ["/code", ({ query }) => codeOf(query.get("file") ?? "")],
    [
      "/events",
      ({ query }) => {
        const client = looking(query);
        const told = (version: number) => stateOf(room, client, version);
        return reply(viewers.view(told), "text/event-stream");
      },
    ],
    ["/picture.svg", ({ query }) => pictureOf(room, looking(query))],
    ...ASSETS.map(({ path, content, type }): [string, Answer] => [
      path,
      () => reply(content, type),
    ]),
  ];
  const routes = {
    byPath: new Map<string, Answer>([
      ...named.map(([path, answer]): [string, Answer] => [
        path,
        reading(ofOurs(answer)),
      ]),
      ["/do", ofOurs(doing(room, token))],
    ]),
    otherwise: reading(() => text("not found", 404)),
  };
  return serve(at, routes);
}

function codeOf(name: string): Reply {
  return Object.hasOwn(CODE, name)
    ? reply(codePage(CODE[name as keyof typeof CODE]), HTML)
    : text("no such code", 404);
}

function pictureOf(room: Classroom, client: number): Reply {
  const diagram = room.diagram(client);
  return diagram === undefined
    ? text("no picture yet", 404)
    : reply(svgOf(diagram), "image/svg+xml");
}

function doing(room: Classroom, token: string): Answer {
  return async ({ method, authorization = "", body }) => {
    if (method !== "POST") return text("only POST", 405, { Allow: "POST" });
    const [given, wanted] = [authorization, `Bearer ${token}`].map(Buffer.from);
    const isAllowed =
      given!.length === wanted!.length && timingSafeEqual(given!, wanted!);
    if (!isAllowed) return text("the token is missing", 401);
    try {
      await act(room, JSON.parse((await body?.()) ?? ""));
      return text("done");
    } catch (error) {
      return text(whyOf(error), 400);
    }
  };
}
