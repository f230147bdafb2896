import type { TcpState } from "../kernel/tcp-info.ts";
import type { TraceEvent } from "../socket/trace/event.ts";

/** What an event does to a state by RFC 9293, where the kernel does not tell. */
export function stateAfter(
  { verb }: Pick<TraceEvent, "verb">,
  state: TcpState,
): TcpState {
  switch (verb) {
    case "socket":
      return "CLOSED";
    case "listen":
      return "LISTEN";
    case "connect":
      return "SYN-SENT";
    case "request":
      return "SYN-RECEIVED";
    case "connected":
    case "accept":
      return "ESTABLISHED";
    case "finish":
      return state === "CLOSE-WAIT" ? "LAST-ACK" : "FIN-WAIT-1";
    case "finished":
      return finishedBy(state);
    case "reset":
      return "CLOSED";
    case "failed":
      return state === "SYN-SENT" ? "CLOSED" : state;
    case "closed":
      return state === "LAST-ACK" || state === "CLOSE-WAIT" ? "CLOSED" : state;
    default:
      return state;
  }
}

function finishedBy(state: TcpState): TcpState {
  switch (state) {
    case "FIN-WAIT-1":
    case "FIN-WAIT-2":
    case "CLOSING":
    case "TIME-WAIT":
      return "TIME-WAIT";
    default:
      return "CLOSE-WAIT";
  }
}

/**
 * Whether an event's own state is that behind it: our FIN and our reset are told
 * before they are sent.
 */
export function tellsStateBehind({ verb, detail }: TraceEvent): boolean {
  return verb !== "finish" && !(verb === "reset" && detail.startsWith("RST →"));
}
