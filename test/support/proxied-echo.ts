import type { Endpoint } from "../../src/address/endpoint.ts";
import { Outbox } from "../../src/socket/outbox.ts";
import type { AnyHandlers, Layer } from "../../src/socket/layer.ts";
import {
  proxied,
  type ProxiedOptions,
} from "../../src/inbound/layers/proxied.ts";
import {
  bunHandlers,
  peerName,
  type Wire,
  type WireHandlers,
} from "../../src/socket/wire.ts";

/** An echo that wants a PROXY header first, and nothing else of a server. */
export interface ProxiedEcho extends Layer, Disposable {
  endpoint: Endpoint;
  /** Whom its connections are from, as far as the header says. */
  opened: string[];
  closed: string[];
  /** Whom it had to wait for, since they did not read. */
  stalled: string[];
  /** Why it closed others: `proxy-malformed: its …`. */
  rejected: string[];
}

/** @param path of a Unix socket to listen on, instead of a port */
export function proxiedEcho(
  options: ProxiedOptions = {},
  path?: string,
): ProxiedEcho {
  const opened: string[] = [];
  const closed: string[] = [];
  const stalled: string[] = [];
  const rejected: string[] = [];
  const open = new Set<Wire<Outbox>>();
  const finished = new WeakSet<Wire<Outbox>>();

  const echo: WireHandlers<Outbox> = {
    open(wire) {
      wire.data = new Outbox();
      open.add(wire);
      opened.push(peerName(wire));
    },
    data(wire, chunk) {
      if (wire.data.send(wire, chunk)) return;
      stalled.push(peerName(wire));
      wire.pause();
    },
    writable(wire) {
      if (!wire.data.flush(wire)) return;
      if (finished.has(wire)) wire.end();
      else wire.resume();
    },
    end(wire) {
      finished.add(wire);
      if (wire.data.pending === 0) wire.end();
    },
    close(wire) {
      open.delete(wire);
      closed.push(peerName(wire));
    },
    error: (wire) => wire.terminate(),
  };
  const gate = proxied({
    rejected: (reason, _, why) =>
      rejected.push(why === undefined ? reason : `${reason}: ${why}`),
    ...options,
  });
  const common = {
    socket: bunHandlers(gate.wrap(echo as AnyHandlers)),
    allowHalfOpen: true,
    data: undefined,
  };
  let endpoint: Endpoint;
  let listener: Disposable;
  if (path === undefined) {
    const bound = Bun.listen({ hostname: "127.0.0.1", port: 0, ...common });
    endpoint = { kind: "tcp", host: "127.0.0.1", port: bound.port };
    listener = bound;
  } else {
    listener = Bun.listen({ unix: path, ...common });
    endpoint = { kind: "unix", path };
  }
  return Object.assign(gate, {
    endpoint,
    opened,
    closed,
    stalled,
    rejected,
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      gate.stop();
      for (const wire of open) wire.terminate();
    },
  });
}
