import { type Check, isObject, isText } from "../checks.ts";
import { type ErrorCode, isErrorCode } from "../errors/codes.ts";
import { SounderError } from "../errors/errors.ts";

/** The types of message that one side sends, and the fields of each. */
export type Format = Record<string, Record<string, Check<unknown>>>;

/** What a process and its worker say to each other. */
export interface Protocol {
  /** The hidden command that makes a process this kind of worker. */
  command: string;
  toWorker: Format;
  /** Besides what every worker tells. */
  fromWorker: Format;
}

/** Any message of a format. */
export type MessageOf<F extends Format> = {
  [Type in keyof F]: { type: Type } & {
    [Field in keyof F[Type]]: F[Type][Field] extends Check<infer Value>
      ? Value
      : never;
  };
}[keyof F];

export type ToWorker<P extends Protocol> = MessageOf<P["toWorker"]>;
export type FromWorker<P extends Protocol> = MessageOf<P["fromWorker"]>;

/** What every worker tells. */
export const FROM_ANY_WORKER = {
  /** It hears what it is sent from now on. */
  up: {},
  /** It is of no use any more. */
  failed: {
    summary: isText,
    code: (value: unknown): value is ErrorCode =>
      isText(value) && isErrorCode(value),
  },
} satisfies Format;

export type FromAnyWorker = MessageOf<typeof FROM_ANY_WORKER>;

export function isFromAny(message: {
  type: unknown;
}): message is FromAnyWorker {
  return Object.hasOwn(FROM_ANY_WORKER, message.type as string);
}

/**
 * Takes what came from another process for a message of a format.
 * @throws SounderError `EWORKER` if it is none
 */
export function read<F extends Format>(
  format: F,
  message: unknown,
): MessageOf<F> {
  const fields = isObject(message) ? message : {};
  const type = String(fields["type"]);
  if (!Object.hasOwn(format, type)) throw misunderstood();
  for (const [field, is] of Object.entries(format[type]!)) {
    if (!is(fields[field])) throw misunderstood(`, at "${type}.${field}"`);
  }
  return message as MessageOf<F>;
}

function misunderstood(where = ""): SounderError {
  const summary = `a worker process and its parent do not understand each other`;
  return new SounderError(summary + where, "EWORKER");
}
