import type { Layer } from "../../socket/layer.ts";
import { ends, type NamedWire } from "../../socket/trace/ends.ts";
import { localName, type Tracer } from "../../socket/trace/tracer.ts";

/** The outermost layer: traces who connects and leaves, and that nobody does. */
export function traceAccept(tracer: Tracer): Layer {
  let open = 0;
  let accepting = true;
  let anybody = false;
  let wait: Timer | undefined;

  function awaitAccept(): void {
    clearTimeout(wait);
    if (!accepting || open > 0) return;
    const who = anybody ? "nobody else" : "nobody";
    wait = tracer.waiting(`(8) accept: ${who} has connected yet`);
  }
  function opened(wire: NamedWire): void {
    open += 1;
    anybody = true;
    clearTimeout(wait);
    const path = `${wire.peer} → ${localName(wire) || "unix socket"}`;
    tracer.step(6, "request", path, wire.facts);
    tracer.step(8, "accept", path, wire.facts);
  }
  function closed(): void {
    open -= 1;
    awaitAccept();
  }
  function stop(): void {
    accepting = false;
    clearTimeout(wait);
  }
  return {
    wrap(inner) {
      awaitAccept();
      return ends(inner, tracer, opened, closed);
    },
    waiting: 0,
    // A server that hurries accepts nobody any more.
    hurry: stop,
    stop() {
      stop();
      return 0;
    },
  };
}
