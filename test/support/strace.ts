/** A call of a process on one of its stream sockets, as our traces name it. */
export interface Call {
  verb: string;
  /** When it began, in milliseconds since 1970. */
  at: number;
}

/** What to ask strace for: with `-f -ttt`. */
export const CALLS =
  "trace=connect,accept4,sendto,recvfrom,shutdown,setsockopt";

const LINE = /^(\d+) +([\d.]+) (\w+)\((\d+)(.*)\) += (-?\d+|\?)(.*)$/;

/** What a process did with its sockets, in the order of time. */
export function callsIn(log: string): Call[] {
  const sockets = new Set<string>();
  return wholeLines(log).flatMap((line) => {
    const [, , at, call, fd = "", rest = "", result = "", why = ""] =
      LINE.exec(line) ?? [];
    if (call === "connect" && /sin6?_port=htons|sun_path/.test(rest)) {
      // Others, such as the resolver's, are no streams of ours.
      sockets.add(fd);
    }
    if (call === "accept4" && Number(result) >= 0) sockets.add(result);
    const verb =
      call === "accept4" || sockets.has(fd)
        ? verbOf(call!, rest, Number(result), why)
        : undefined;
    return verb === undefined ? [] : [{ verb, at: Number(at) * 1000 }];
  });
}

/** Of calls that another thread's came between, strace writes two lines. */
function wholeLines(log: string): string[] {
  const begun = new Map<string, string>();
  return log.split("\n").flatMap((line) => {
    const [pid = ""] = line.split(" ", 1);
    const [start, more] = line.split(" <unfinished ...>");
    if (more !== undefined) {
      begun.set(pid, start!);
      return [];
    }
    const [, rest] = /<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
    return [rest === undefined ? line : `${begun.get(pid) ?? ""}${rest}`];
  });
}

function verbOf(
  call: string,
  rest: string,
  result: number,
  why: string,
): string | undefined {
  switch (call) {
    case "connect":
      return "connect";
    case "accept4":
      return result < 0 ? undefined : "accept";
    case "sendto":
      return result > 0 ? "write" : undefined;
    case "recvfrom":
      if (result > 0) return "read";
      if (result === 0) return "finished";
      return why.includes("ECONNRESET") ? "reset" : undefined;
    case "shutdown":
      return "finish";
    case "setsockopt":
      // close() sends a RST then.
      return rest.includes("SO_LINGER, {l_onoff=1, l_linger=0}")
        ? "reset"
        : undefined;
    default:
      return undefined;
  }
}
