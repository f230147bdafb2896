import { type Case, cases, type Timed } from "./case.ts";

/**
 * What a trial does to a client, one case after the other. To add one, add a
 * row: its faults are in the grammar of all faults, and may name places in the
 * conversation as it went without a fault (see places.ts).
 */

/**
 * At a server's FIN, a little later than it comes: by then a client that closes
 * by itself has done so, and another one still waits for the answer's end.
 */
function atFinish(fault: string): Timed {
  return {
    before: ["late-finish 100ms"],
    fault,
    behind: ["join 64KiB 200ms after {almost}"],
  };
}

/** At a client's FIN, as atFinish(): the answer's end is on its way then. */
const AT_HALF_CLOSE: Timed = {
  before: ["late-finish 100ms toward server", "delay 200ms after {almost}"],
  fault: "no-half-close",
};

/** Once it has sent its request: before that, the RST would race with it. */
const UNANSWERED: Timed = { before: ["mute"], fault: "reset after 200ms" };

/** All of the request is sent by then, as far as the client is concerned. */
const CUT_REQUEST: Timed = {
  fault: "finish toward server after {asked}",
  behind: ["late-finish 200ms"],
};

const READ_ON = "read on until the answer is whole, not what one read gives";
const NOTICE_CUT =
  "compare what came with a length, an end mark or a count, and fail";
const TIME_LIMIT = "have a time limit for an answer, and fail when it is over";
const CHECKSUM = "have a checksum (or TLS), and fail when it does not match";

export const CASES: readonly Case[] = [
  ...cases("harmless", [
    [
      "delay",
      "delay 100ms",
      "a server on another continent, or a VPN",
      "end as without it, only later",
    ],
    [
      "jitter",
      "delay 50ms+-50ms",
      "Wi-Fi, a mobile network, a busy router",
      "end as without it, only later",
    ],
    [
      "slow-request",
      "delay 100ms toward server",
      "a slow way up: a mobile network, a scanning proxy",
      "wait for the answer longer than its own network takes",
    ],
    [
      "slice",
      "slice {piece} 5ms",
      "a small MTU, a server that flushes after each line",
      READ_ON,
    ],
    [
      "slice-last",
      "slice 1 20ms after {almost}",
      "the end of an answer in single bytes, as TCP may deliver it",
      READ_ON,
    ],
    [
      "join",
      "join 64KiB 200ms",
      "Nagle's algorithm with delayed ACKs, a proxy that buffers",
      "take several messages out of one read",
    ],
    [
      "rate",
      "rate {rate}",
      "a thin line, a shaped or metered one",
      "wait as long as bytes come",
    ],
    [
      "freeze",
      "freeze 700ms after {half}",
      "garbage collection, a virtual machine that moves, a Wi-Fi roam",
      "wait for the rest of the answer",
    ],
    [
      "freeze-first",
      "freeze 700ms",
      "a cold start: the function or the container has to come up first",
      "wait for the first byte",
    ],
    [
      "hiccups",
      "freeze 50ms every {quarter}",
      "lost packets that are sent again",
      READ_ON,
    ],
    [
      "late-finish",
      atFinish("late-finish 700ms"),
      "a server that closes after a keep-alive time, a lingering close",
      "know the answer's end by itself, or wait for the FIN",
      "a server that finishes while the client still reads",
    ],
  ]),
  ...cases("harmful", [
    [
      "refuse",
      undefined,
      "nobody listens: the server is down, or is being restarted",
      "fail, and say that it could not connect",
    ],
    [
      "backlog-full",
      "backlog-full",
      "an overloaded server, a firewall that drops: connects hang",
      "have a time limit for connecting, and fail when it is over",
    ],
    [
      "mute",
      "mute",
      "a server that hangs: the kernel accepts, and nobody answers",
      TIME_LIMIT,
    ],
    [
      "mute-half",
      "mute after {half}",
      "a server that hangs in the middle of an answer",
      "have a time limit between two reads, and fail when it is over",
    ],
    [
      "stall",
      "stall",
      "a server, or a proxy, that has stopped reading",
      "have a time limit for sending and for the answer",
    ],
    [
      "stall-request",
      "stall toward server after {asked}",
      "a server that stops reading in the middle of a request",
      "have a time limit for sending and for the answer",
    ],
    [
      "vanish",
      "vanish after {half}",
      "power or network loss, a NAT or firewall that forgot the connection",
      TIME_LIMIT,
    ],
    [
      "vanish-last",
      "vanish after {last}",
      "power or network loss just before the answer's last byte",
      TIME_LIMIT,
    ],
    [
      "reset",
      "reset after {half}",
      "a server that crashes, a balancer whose idle timeout is over",
      "fail, and say that the connection was reset",
    ],
    [
      "reset-first",
      UNANSWERED,
      "a balancer without a server behind it, a limit of connections",
      "fail, and say that the connection was reset",
    ],
    [
      "reset-last",
      "reset after {last}",
      "a crash just before the answer's last byte",
      NOTICE_CUT,
    ],
    [
      "reset-request",
      "reset toward server after {asked}",
      "a limit for uploads, an intrusion detection that cuts in",
      "fail, and say that the connection was reset",
    ],
    [
      "reset-once",
      "reset after {half} on first 1",
      "the server behind a balancer goes, the next one is up",
      "fail, or ask again for all of it, and not print the first part twice",
    ],
    [
      "finish-as-reset",
      atFinish("finish-as-reset"),
      "a server that closes with bytes unread, or with SO_LINGER 0",
      "end as without it, if it knows that the answer is whole; else fail",
      "a server that finishes while the client still reads",
    ],
    [
      "finish",
      "finish after {half}",
      "a worker that is killed, a proxy's timeout, a full disk behind it",
      NOTICE_CUT,
    ],
    [
      "finish-first",
      "finish",
      "a server at its limit, which accepts and closes",
      "fail, and say that there was no answer",
    ],
    [
      "finish-last",
      "finish after {last}",
      "a worker that is killed just before the answer's last byte",
      NOTICE_CUT,
    ],
    [
      "finish-request",
      CUT_REQUEST,
      "a proxy that gives up a request in the middle",
      "notice that the answer is not to its whole request, and fail",
    ],
    [
      "finish-once",
      "finish after {half} on first 1",
      "a rolling update: the old server closes, the new one is up",
      "fail, or ask again for all of it, and not print the first part twice",
    ],
    [
      "no-half-close",
      AT_HALF_CLOSE,
      "a balancer or NAT that closes both directions at the first FIN",
      NOTICE_CUT,
      "a client that finishes sending, and then reads on",
    ],
    [
      "corrupt",
      "corrupt after {half}",
      "bad memory in a router or network card: TCP's checksum misses it",
      CHECKSUM,
    ],
    [
      "corrupt-first",
      "corrupt",
      "bad memory on the way: a wrong first byte of the answer",
      "fail, and say that this is not its protocol",
    ],
    [
      "corrupt-last",
      "corrupt after {last}",
      "bad memory on the way: a wrong last byte of the answer",
      CHECKSUM,
    ],
    [
      "corrupt-request",
      "corrupt toward server after {asked}",
      "bad memory on the way to the server: its checksum misses it",
      "notice that the answer is to another request, and fail",
    ],
    [
      "drop",
      "drop 1 after {half}",
      "a proxy with an error in its buffers",
      NOTICE_CUT,
    ],
    [
      "drop-request",
      "drop 1 toward server after {asked}",
      "a proxy with an error in its buffers, on the way to the server",
      TIME_LIMIT,
    ],
    [
      "repeat",
      "repeat {some} after {half}",
      "a proxy that sends a buffer twice, a retry below the client",
      "notice that more came than the answer has, and fail",
    ],
    [
      "swap",
      "swap after {half}",
      "a proxy with several threads for one connection",
      CHECKSUM,
    ],
    [
      "mtu-hole",
      "pass-max {chunk}",
      "a tunnel or VPN whose smaller MTU nobody tells: large packets vanish",
      TIME_LIMIT,
      "an answer that comes in chunks of some size",
    ],
    [
      "proxy-header",
      "proxy-header v1",
      "a balancer set to send PROXY headers to a server that expects none",
      "fail at an answer that it did not expect",
    ],
  ]),
];
