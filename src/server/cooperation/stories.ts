import { formatHostPort } from "../../address/endpoint.ts";
import { TCP_STATES, tcpInfo } from "../../kernel/tcp-info.ts";
import {
  type Story,
  STORY_STEPS,
  type StoryStep,
} from "../../protocol/cooperation/answer.ts";
import type { Peer } from "../peer.ts";

/** Steps of a connection that are kept: as many as an answer has room for. */
const STEPS = 36;
/** Connections whose stories are kept. */
const STORIES = 500;

interface Telling {
  opened: number;
  local: string;
  steps: [number, number, number, number][];
  leftOut: number;
}

/** The first steps of the last connections, for a client's picture. */
export class Stories {
  private readonly byPeer = new Map<string, Telling>();
  /** Of those that are open; undefined once it has no room any more. */
  private readonly open = new Map<Peer, Telling>();

  opened(peer: Peer): void {
    const { localAddress, localPort } = peer.wire;
    // Peers of Unix sockets can't be told apart.
    if (localAddress === undefined) return;
    const local = formatHostPort(localAddress, localPort ?? 0);
    const telling = { opened: Date.now(), local, steps: [], leftOut: 0 };
    this.open.set(peer, telling);
    this.byPeer.delete(peer.name);
    this.byPeer.set(peer.name, telling);
    if (this.byPeer.size > STORIES) {
      const [oldest] = this.byPeer.keys();
      this.byPeer.delete(oldest!);
    }
    this.note(peer, "accept", 0);
  }

  note(peer: Peer, step: StoryStep, bytes: number): void {
    if (this.open.size === 0) return;
    const telling = this.open.get(peer);
    if (telling === undefined) return;
    const isEnd = step !== "read" && step !== "write";
    if (telling.steps.length >= STEPS && !isEnd) {
      telling.leftOut += 1;
      return;
    }
    const at = Math.round((performance.now() - peer.openedAt) * 1000);
    const state = tcpInfo(peer.wire.fd)?.state;
    telling.steps.push([
      at,
      STORY_STEPS.indexOf(step),
      bytes,
      state === undefined ? -1 : TCP_STATES.indexOf(state),
    ]);
  }

  closed(peer: Peer): void {
    this.note(peer, "closed", 0);
    this.open.delete(peer);
  }

  /**
   * @param name of the peer whose story is asked for
   * @param asker who may hear only of its own address
   */
  find(name: string, asker: Peer): Story | undefined {
    const telling = this.byPeer.get(name);
    const isOwn = hostOf(name) === hostOf(asker.name);
    return telling !== undefined && isOwn
      ? { ...telling, peer: name }
      : undefined;
  }
}

function hostOf(name: string): string {
  return name.slice(0, name.lastIndexOf(":"));
}
