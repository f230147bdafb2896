import type { Wire } from "../../socket/wire.ts";
import type { Peer } from "../peer.ts";
import type { EchoHandlers } from "./handlers.ts";

/** What a server says first on a connection. */
export type Greeting = (wire: Wire<Peer>) => Buffer;

/** Handlers of a server that speaks first. */
export function greetingHandlers(
  inner: EchoHandlers,
  greeting: Greeting,
): EchoHandlers {
  return {
    ...inner,
    open(wire, permit) {
      inner.open(wire, permit);
      const peer = wire.data;
      // Its owner's hook may have closed it.
      if (peer.phase !== "open") return;
      const bytes = greeting(wire);
      peer.added += bytes.length;
      inner.send(wire, bytes);
    },
  };
}
