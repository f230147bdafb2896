import { isNumber, isObject, isText } from "../checks.ts";
import type { Classroom } from "./classroom.ts";

/** What goes wrong on request: a button's name, and the faults. */
export const FAULTS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  slow: ["delay 500ms"],
  reset: ["reset after 3"],
  finish: ["finish after 3"],
  "no-half-close": ["no-half-close"],
  vanish: ["vanish after 3"],
};

/**
 * Does what a page asks for.
 * @throws RangeError where that makes no sense
 */
export async function act(room: Classroom, asked: unknown): Promise<void> {
  if (!isObject(asked)) throw new RangeError("an object is wanted");
  const { act: name, client = 0, text = "" } = asked;
  if (!isNumber(client) || !isText(text)) {
    throw new RangeError("client is a number, and text a text");
  }
  switch (name) {
    case "open":
      await room.open();
      return;
    case "send":
      return room.send(client, text.slice(0, 2000));
    case "finish":
      return room.finish(client);
    case "reset":
      return room.reset(client);
    case "stop-reading":
      void room.stopReading(client);
      return;
    case "read-again":
      return room.readAgain(client);
    case "kill":
      return room.killServer();
    case "start":
      return room.startServer();
    case "faults": {
      const faults = Object.hasOwn(FAULTS, text) ? FAULTS[text] : undefined;
      if (faults === undefined) throw new RangeError(`no fault "${text}"`);
      return room.setFaults(faults);
    }
    default:
      throw new RangeError(`"${String(name)}" can't be done`);
  }
}
