import type { WireHandlers } from "../socket/wire.ts";
import { WATCH_AFTER } from "./socket-end.ts";

/** Handlers that read everything and never answer: not even a handshake. */
export const silentHandlers: WireHandlers<unknown> = {
  open(wire) {
    wire.setKeepAlive(true, WATCH_AFTER);
  },
  data() {},
  writable() {},
  // A FIN is not answered, either: the kernel tells when the peer is gone.
  end() {},
  close() {},
  error: (wire) => wire.terminate(),
};
