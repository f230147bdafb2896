import {
  type FaultPath,
  faultPath,
  type FaultPathOptions,
} from "./fault-path.ts";
import { TimerQueue } from "../../src/faults/clock.ts";
import type { FaultEvent } from "../../src/faults/link.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";
import type { AnyHandlers } from "../../src/socket/layer.ts";
import { Outbox } from "../../src/socket/outbox.ts";
import {
  bunHandlers,
  type Wire,
  type WireHandlers,
} from "../../src/socket/wire.ts";

/** What an echo's handlers were told, and how they echo. */
export function echo() {
  const told: string[] = [];
  const open = new Set<Wire<Outbox>>();
  const finished = new WeakSet<Wire<Outbox>>();
  const handlers: WireHandlers<Outbox> = {
    open(wire) {
      wire.data = new Outbox(true);
      open.add(wire);
      told.push("open");
    },
    data(wire, chunk) {
      if (wire.data.send(wire, chunk)) return;
      if (wire.data.refused) wire.terminate();
      else wire.pause();
    },
    writable(wire) {
      if (!wire.data.flush(wire)) return;
      if (finished.has(wire)) wire.end();
      else wire.resume();
    },
    end(wire) {
      told.push("end");
      finished.add(wire);
      if (wire.data.pending === 0) wire.end();
    },
    close(wire, error) {
      const code = (error as { code?: string } | undefined)?.code;
      told.push(code === undefined ? "close" : `close ${code}`);
      open.delete(wire);
    },
    error(wire, error) {
      told.push(`error ${error.message}`);
      wire.terminate();
    },
  };
  return { handlers, told, open };
}

/** An echo behind faults, and nothing else of a server. */
export interface FaultyEcho extends Disposable {
  port: number;
  layer: FaultPath;
  events: FaultEvent[];
  /** What its handlers were told. */
  told: string[];
  open: ReadonlySet<Wire<Outbox>>;
}

export function faultyEcho(
  texts: readonly string[],
  options: Partial<FaultPathOptions> = {},
): FaultyEcho {
  const { handlers, told, open } = echo();
  const events: FaultEvent[] = [];
  const layer = faultPath({
    faults: parseFaults(texts),
    seed: 1,
    clock: new TimerQueue(),
    onFault: (event) => events.push(event),
    moved(before, now) {
      open.delete(before as Wire<Outbox>);
      open.add(now as Wire<Outbox>);
    },
    ...options,
  });
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    data: undefined,
    socket: bunHandlers(layer.wrap(handlers as AnyHandlers)),
  });
  return {
    port: listener.port,
    layer,
    events,
    told,
    open,
    [Symbol.dispose]() {
      listener.stop(true);
      layer.stop();
      for (const wire of open) wire.terminate();
    },
  };
}
