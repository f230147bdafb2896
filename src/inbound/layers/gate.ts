import { type AnyHandlers, immediate, type Layer } from "../../socket/layer.ts";
import {
  peerName,
  type Permit,
  type Wire,
  type WireHandlers,
} from "../../socket/wire.ts";
import type { RejectionHook } from "./held-back.ts";
import type { Permits, Refusal, ServerPermit } from "../permits.ts";

/** Lets a connection in with a permit, or says why not. */
type Judge = (wire: Wire, permit: Permit | undefined) => Permit | Refusal;

/** What it turns away is reset; its socket has no state then. */
function gate(rejected: RejectionHook<Refusal>, judge: Judge): Layer {
  return immediate((inner) => {
    const handlers = inner as WireHandlers<unknown>;
    const gated: WireHandlers<unknown> = {
      ...handlers,
      open(wire, permit) {
        const judged = judge(wire, permit);
        if (typeof judged !== "string") return handlers.open(wire, judged);
        permit?.release();
        rejected(judged, peerName(wire));
        wire.terminate();
      },
      close(wire, error) {
        if (wire.data !== undefined) handlers.close(wire, error);
      },
    };
    return gated as AnyHandlers;
  });
}

/** Gives each connection its permit, or turns it away. */
export function admits(
  permits: Permits,
  rejected: RejectionHook<Refusal>,
): Layer {
  return gate(rejected, (wire) => permits.acquire(wire.remoteAddress));
}

/** The same, where only a PROXY header will say whom the permit is for. */
export function admitsProxies(
  permits: Permits,
  rejected: RejectionHook<Refusal>,
): Layer {
  return gate(rejected, () => permits.acquire(undefined));
}

/** Behind a PROXY header: assigns the permit to the client, or turns it away. */
export function admitsClients(rejected: RejectionHook<Refusal>): Layer {
  return gate(rejected, ({ remoteAddress }, held) => {
    const permit = held as ServerPermit;
    return permit.assign(remoteAddress) ?? permit;
  });
}
