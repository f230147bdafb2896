import { setTimeout as sleep } from "node:timers/promises";

import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { connect } from "../client/connect.ts";
import { Reason } from "../errors/errors.ts";
import {
  type Answers,
  type Ask,
  readAnswer,
} from "../protocol/cooperation/answer.ts";
import {
  type Question,
  questionLine,
} from "../protocol/cooperation/question.ts";
import type { ReplyKind } from "../protocol/reply.ts";
import type { Approach } from "../socket/dial/dial.ts";
import { Conversation } from "./conversation.ts";

/** How far checks go, in milliseconds and connections. */
export interface Reach {
  /** The longest idle time that is looked for. */
  idle: number;
  /** The most connections at once. */
  connections: number;
  /** How long a connection is held open to see who ends it; undefined: not. */
  lifetime: number | undefined;
  /** Bytes that are transferred each way. */
  transfer: number;
  /** What a connection, or an answer, may take. */
  timeout: number;
}

/** What is known of the server, once it was spoken to. */
export interface Known {
  /** What it answers; undefined where it is no echo as we know them. */
  reply: ReplyKind | undefined;
  cooperates: boolean;
  /**
   * It serves one connection after the other: a second one is not answered
   * before the first has ended.
   */
  oneAtATime: boolean;
}

/** A question's answer, and the connection it came on. */
export interface Asked<Which extends Ask> extends AsyncDisposable {
  answer: Answers[Which];
  /** What came before the answer is read; it goes on as the question says. */
  conversation: Conversation;
}

/** How often a question is asked again to meet the right instance. */
const TRIES = 200;

/** The path that is examined: opens connections, and asks the server. */
export class Path {
  /** Instances that answered. */
  readonly instances = new Set<string>();
  known: Known = { reply: undefined, cooperates: false, oneAtATime: false };
  /** Connections that are open now, as far as this end knows. */
  readonly held = new Set<Conversation>();

  constructor(
    readonly target: Endpoint,
    readonly approach: Approach,
    readonly reach: Reach,
    /** Ends all of it: nothing more is opened, waits reject. */
    readonly stop: AbortSignal,
  ) {}

  get name(): string {
    return formatEndpoint(this.target);
  }

  get cooperates(): boolean {
    return this.known.cooperates;
  }

  /** Waits so many milliseconds. @throws the reason of `stop` */
  async wait(time: number): Promise<void> {
    await sleep(time, undefined, { signal: this.stop });
  }

  /**
   * @param within milliseconds for the connection
   * @throws SounderError as connect()
   */
  async open(within = this.reach.timeout): Promise<Conversation> {
    const connection = await connect(this.target, {
      ...this.approach,
      timeout: Math.min(within, this.reach.timeout),
      signal: this.stop,
    });
    const conversation = new Conversation(
      connection,
      this.known.reply,
      this.stop,
    );
    this.held.add(conversation);
    void connection.closed.then(() => this.held.delete(conversation));
    return conversation;
  }

  /**
   * Asks a cooperating server on a connection of its own.
   * @param instance asks again until this one answers
   * @throws SounderError as connect(), `ECONNRESET`; Reason `EEARLY`,
   * `ETIMEDOUT`, or `EMISMATCH`: that was no answer, or never that instance's
   */
  async ask<Which extends Ask>(
    question: Extract<Question, { ask: Which }>,
    instance?: string,
  ): Promise<Asked<Which>> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const asked = await this.askOnce<Which>(question);
      if (instance === undefined || asked.answer.instance === instance) {
        return asked;
      }
      await asked[Symbol.asyncDispose]();
    }
    throw new Reason("EMISMATCH", `instance ${instance} never answered again`);
  }

  /** @throws as ask() */
  async askOnce<Which extends Ask>(
    question: Extract<Question, { ask: Which }>,
  ): Promise<Asked<Which>> {
    const conversation = await this.open();
    try {
      await conversation.write(questionLine(question));
      const line = await conversation.answer(this.reach.timeout);
      const answer = readAnswer(line, question.ask as Which);
      if (answer === undefined) {
        throw new Reason("EMISMATCH", "the server does not cooperate");
      }
      this.instances.add(answer.instance);
      return {
        answer,
        conversation,
        [Symbol.asyncDispose]: () => conversation[Symbol.asyncDispose](),
      };
    } catch (error) {
      await conversation[Symbol.asyncDispose]();
      throw error;
    }
  }
}
