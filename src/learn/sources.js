// The code that serves, as text. No types: to TypeScript these are modules.
/* oxlint-disable import/default, import/no-named-as-default */
import connect from "../client/connect.ts" with { type: "text" };
import connection from "../client/connection.ts" with { type: "text" };
import handlers from "../server/echo/handlers.ts" with { type: "text" };
import reply from "../server/echo/reply.ts" with { type: "text" };
import bind from "../socket/bind/bind.ts" with { type: "text" };

export { bind, connect, connection, handlers, reply };
