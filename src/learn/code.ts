import { sources } from "./sources.ts" with { type: "macro" };

const [bind, connect, connection, handlers, reply] = sources(
  "src/socket/bind/bind.ts",
  "src/client/connect.ts",
  "src/client/connection.ts",
  "src/server/echo/handlers.ts",
  "src/server/echo/reply.ts",
) as [string, string, string, string, string];

/** The files that do what is shown, by their names. */
export const CODE = {
  "bind.ts": { path: "src/socket/bind/bind.ts", text: bind },
  "connect.ts": { path: "src/client/connect.ts", text: connect },
  "connection.ts": { path: "src/client/connection.ts", text: connection },
  "handlers.ts": { path: "src/server/echo/handlers.ts", text: handlers },
  "reply.ts": { path: "src/server/echo/reply.ts", text: reply },
} as const;

export type CodeName = keyof typeof CODE;
