import { bind, connect, connection, handlers, reply } from "./sources.js";

/** The files that do what is shown, by their names. */
export const CODE = {
  "bind.ts": { path: "src/socket/bind/bind.ts", text: bind },
  "connect.ts": { path: "src/client/connect.ts", text: connect },
  "connection.ts": { path: "src/client/connection.ts", text: connection },
  "handlers.ts": { path: "src/server/echo/handlers.ts", text: handlers },
  "reply.ts": { path: "src/server/echo/reply.ts", text: reply },
} as const;

export type CodeName = keyof typeof CODE;
