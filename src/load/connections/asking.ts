import type { Answers } from "../../protocol/cooperation/answer.ts";
import type { Wire, WireHandlers } from "../../socket/wire.ts";
import { WHO, WhoReply } from "../probe/who.ts";
import type { LoadConnection } from "./connection.ts";

/** Is told what comes of a connection that was asked who serves it. */
export interface Asked {
  /** @param who undefined of a server that does not cooperate */
  answered(connection: LoadConnection, who: Answers["who"] | undefined): void;
  /** It ended, or answered something else. */
  failed(connection: LoadConnection, error: Error | undefined): void;
}

/**
 * Handlers that ask who serves a connection before `inner` see it open: with
 * the answer, or without one where the server does not cooperate.
 */
export function asking(
  inner: WireHandlers<LoadConnection>,
  { answered, failed }: Asked,
): WireHandlers<LoadConnection> {
  /** Those that await their answer. */
  const waiting = new Map<LoadConnection, WhoReply>();

  function ended(wire: Wire<LoadConnection>, error: Error | undefined) {
    const { data: connection } = wire;
    if (!waiting.delete(connection)) return false;
    if (connection.phase === "opening") failed(connection, error);
    return true;
  }
  return {
    ...inner,
    open(wire) {
      const { data: connection } = wire;
      connection.connectedAt = performance.now();
      waiting.set(connection, new WhoReply());
      // The kernel takes it whole: it is shorter than any segment.
      wire.write(WHO);
    },
    data(wire, chunk) {
      const { data: connection } = wire;
      const reply = waiting.size === 0 ? undefined : waiting.get(connection);
      if (reply === undefined) return inner.data(wire, chunk);
      const heard = reply.hear(chunk);
      if (heard === undefined) return;
      waiting.delete(connection);
      if ("other" in heard) failed(connection, undefined);
      else {
        answered(connection, heard.who);
        inner.open(wire);
      }
    },
    end(wire, truncated) {
      if (ended(wire, undefined)) wire.end();
      else inner.end(wire, truncated);
    },
    close(wire, error) {
      if (!ended(wire, error)) inner.close(wire, error);
    },
  };
}
