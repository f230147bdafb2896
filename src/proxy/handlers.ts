import type { WireHandlers } from "../socket/wire.ts";
import type { Side } from "./pair.ts";

/** What happens to an open socket, of whichever side. */
export const sideHandlers: Omit<WireHandlers<Side>, "open" | "error"> = {
  data: ({ data: side }, chunk) => side.out.bytes(chunk),
  writable: ({ data: side }) => side?.back.drained(),
  end: ({ data: side }, truncated = false) => side.finished(truncated),
  // One that was not let in, or not taken, has no side.
  close: ({ data: side }, error) => side?.closed(error),
};
