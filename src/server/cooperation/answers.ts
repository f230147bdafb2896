import { tcpInfo } from "../../kernel/tcp-info.ts";
import { formatHostPort } from "../../address/endpoint.ts";
import {
  type Ended,
  type KernelAnswer,
  type Story,
  TLS_LABEL,
} from "../../protocol/cooperation/answer.ts";
import type { Question } from "../../protocol/cooperation/question.ts";
import type { Peer } from "../peer.ts";
import { INSTANCE } from "../instance.ts";

/** What answers are made of. */
export interface Answering {
  /** As `--reply info` tells it. */
  info(peer: Peer): object;
  /** One that is open. */
  find(id: number): Peer | undefined;
  ended(id: number): Ended | undefined;
  story(name: string, asker: Peer): Story | undefined;
  /** Milliseconds; undefined: never. */
  idleTimeout: number | undefined;
  maxLifetime: number | undefined;
  canTransfer: boolean;
}

/** The fields of a question's answer. */
export function answerTo(
  question: Question,
  peer: Peer,
  answering: Answering,
): object {
  const common = { instance: INSTANCE, connection: String(peer.id) };
  switch (question.ask) {
    case "who":
      return { ...common, info: answering.info(peer) };
    case "kernel": {
      const { connection } = question;
      const other =
        connection === undefined ? peer : answering.find(Number(connection));
      return {
        ...common,
        kernel: other === undefined ? null : kernelOf(other),
      };
    }
    case "ended":
      return {
        ...common,
        ended: answering.ended(Number(question.connection)) ?? null,
      };
    case "story": {
      const story = answering.story(question.peer, peer);
      return { ...common, story: story ?? null };
    }
    case "quiet": {
      const seconds = (time: number | undefined) =>
        time === undefined || time === Infinity ? null : time / 1000;
      return {
        ...common,
        idleTimeout: seconds(answering.idleTimeout),
        maxLifetime: seconds(answering.maxLifetime),
      };
    }
    case "send":
      return { ...common, atOnce: answering.canTransfer };
    case "finish":
    case "reset":
    case "late":
    case "arrivals":
      return common;
  }
}

function kernelOf({ wire }: Peer): KernelAnswer {
  const { localAddress, localPort, remoteAddress, remotePort, tls } = wire;
  const name = (address: string | undefined, port: number | undefined) =>
    address === undefined ? undefined : formatHostPort(address, port ?? 0);
  return {
    tcp: tcpInfo(wire.fd) ?? null,
    ends: {
      local: name(localAddress, localPort),
      peer: name(remoteAddress, remotePort),
    },
    tls:
      tls === undefined
        ? null
        : new Bun.CryptoHasher("sha256")
            .update(tls.exportKey(32, TLS_LABEL))
            .digest("hex"),
  };
}
