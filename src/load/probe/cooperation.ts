import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import { failure, Reason } from "../../errors/errors.ts";
import { type Approach, dialler } from "../../socket/dial/dial.ts";
import type { Wire, WireHandlers } from "../../socket/wire.ts";
import { WHO, WhoReply } from "./who.ts";

/**
 * Whether a server says who it is, on a connection of its own: a message of the
 * run is not asked in company. Where nothing comes in time, it does not.
 *
 * @param target the endpoint as it was named
 * @param patience milliseconds for all of it
 * @throws SounderError `EINTR` if it was stopped
 */
export async function cooperates(
  target: Endpoint,
  address: Endpoint,
  approach: Approach,
  patience: number,
  stop: AbortSignal,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const reply = new WhoReply();
  let opened: Wire | undefined;
  let over = false;
  const no = () => resolve(false);
  const handlers: WireHandlers<undefined> = {
    open(wire) {
      opened = wire;
      if (over) wire.terminate();
      else wire.write(WHO);
    },
    data(_, chunk) {
      const heard = reply.hear(chunk);
      if (heard === undefined) return;
      resolve("who" in heard && heard.who !== undefined);
    },
    writable() {},
    end: no,
    close: no,
    error: no,
  };
  const dialled = dialler(target, approach, handlers, no).dial(
    address,
    undefined,
  );
  dialled.catch(no);
  const timer = setTimeout(no, patience);
  stop.addEventListener("abort", no);
  try {
    const answers = await promise;
    if (!stop.aborted) return answers;
    const action = `cannot tell what ${formatEndpoint(target)} answers`;
    throw failure(action, new Reason("EINTR"));
  } finally {
    over = true;
    clearTimeout(timer);
    stop.removeEventListener("abort", no);
    // With a FIN where it stands: a reset ends some simple servers for good.
    if (opened !== undefined) opened.end();
    else dialled.then((socket) => socket.terminate()).catch(() => {});
  }
}
