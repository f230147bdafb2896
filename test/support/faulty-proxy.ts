import { TimerQueue } from "../../src/faults/clock.ts";
import type { Ending } from "../../src/faults/end.ts";
import { type FaultEvent, Link } from "../../src/faults/link.ts";
import { SocketEnd } from "../../src/faults/socket-end.ts";
import { isOn } from "../../src/protocol/faults/chance.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";
import type { AnyHandlers } from "../../src/socket/layer.ts";
import {
  bunHandlers,
  type Wire,
  type WireHandlers,
} from "../../src/socket/wire.ts";

/** One side of a connection that is passed on. */
interface Side {
  end: SocketEnd;
  link: Link;
}

/** What happens to a socket goes its `way` on the path. */
function handlersOf(way: "toServer" | "toClient"): Partial<WireHandlers<Side>> {
  const back = way === "toServer" ? "toClient" : "toServer";
  return {
    data: ({ data: { link } }, chunk) => link[way].bytes(chunk),
    writable: ({ data }) => data?.link?.[back].drained(),
    end: ({ data: { link } }) => link[way].end("finish"),
    close({ data: { link, end } }, error) {
      end.closed = true;
      link[back].close();
      const how: Ending = error === undefined ? "gone" : "reset";
      link[way].end(how);
    },
  };
}

/** The least that passes connections on to a port, each on a path with faults. */
export function faultyProxy(
  target: number,
  texts: readonly string[],
  events: FaultEvent[],
): { port: number } & Disposable {
  const clock = new TimerQueue();
  const faults = parseFaults(texts);
  const links: Link[] = [];

  async function pair(client: Wire<Side>): Promise<void> {
    client.pause();
    const upstream = (await Bun.connect({
      hostname: "127.0.0.1",
      port: target,
      allowHalfOpen: true,
      data: undefined,
      socket: bunHandlers(handlersOf("toClient") as AnyHandlers),
    })) as unknown as Wire<Side>;
    const ends = [new SocketEnd(client, clock), new SocketEnd(upstream, clock)];
    const [atClient, atServer] = ends as [SocketEnd, SocketEnd];
    const id = links.length + 1;
    const link = new Link(atClient, atServer, {
      id,
      seed: 1,
      clock,
      header: (version) => Buffer.from(`PROXY ${version}\r\n`),
      onFault: (event) => events.push(event),
    });
    client.data = { end: atClient, link };
    upstream.data = { end: atServer, link };
    links.push(link);
    link.setFaults(
      faults
        .map((fault, index) => ({ fault, index }))
        .filter(({ fault, index }) => isOn(fault, index, id, 1)),
    );
    if (!link.toServer.paused) client.resume();
  }

  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    data: undefined,
    socket: {
      ...bunHandlers(handlersOf("toServer") as AnyHandlers),
      open: (socket) => void pair(socket as unknown as Wire<Side>),
    },
  });
  return {
    port: listener.port,
    [Symbol.dispose]() {
      for (const link of links) link.stop();
      listener.stop(true);
    },
  };
}
