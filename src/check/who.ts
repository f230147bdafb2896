import { isObject } from "../checks.ts";
import { Reason } from "../errors/errors.ts";
import type { Info } from "../protocol/info.ts";
import type { Conversation } from "./conversation.ts";
import type { Path } from "./path.ts";

const LINE = Buffer.from("sounder\n");

/** What a server says of itself and of one connection, and our end of that. */
export interface Who {
  info: Info;
  /** Undefined of a Unix socket. */
  local: { address: string; port: number } | undefined;
}

/** Whether a server says who it is, in answer or of its own accord. */
export function tellsWho({ known }: Path): boolean {
  return known.cooperates || known.reply === "info";
}

/**
 * Has a server say who it is, on a connection of its own.
 * @throws as Path.ask(); Reason `EMISMATCH` where it does not say it here
 */
export async function askWho(path: Path): Promise<Who> {
  if (path.cooperates) {
    await using asked = await path.askOnce({ ask: "who" });
    const { answer, conversation } = asked;
    return { info: answer.info, local: endOf(conversation) };
  }
  await using conversation = await path.open();
  await conversation.exchange(LINE, path.reach.timeout);
  const info = infoIn(conversation.infoLine);
  if (info === undefined) throw new Reason("EMISMATCH");
  path.instances.add(info.instance);
  return { info, local: endOf(conversation) };
}

function endOf({ connection }: Conversation): Who["local"] {
  const { localAddress: address, localPort: port } = connection;
  return address === undefined || port === undefined
    ? undefined
    : { address, port };
}

function infoIn(line: string): Info | undefined {
  try {
    const read: unknown = JSON.parse(line);
    const isInfo =
      isObject(read) &&
      typeof read["instance"] === "string" &&
      typeof read["host"] === "string";
    return isInfo ? (read as unknown as Info) : undefined;
  } catch {
    return undefined;
  }
}
