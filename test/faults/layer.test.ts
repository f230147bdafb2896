import { describe, expect, test } from "bun:test";

import { faultPath } from "../support/fault-path.ts";
import type { FaultEvent } from "../../src/faults/link.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";
import type { AnyHandlers } from "../../src/socket/layer.ts";
import type { Outbox } from "../../src/socket/outbox.ts";
import type { Wire, WireHandlers } from "../../src/socket/wire.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeSocket } from "../support/fake-socket.ts";
import { echo } from "../support/faulty-echo.ts";

/** An echo behind faults, in time that a test lets pass. */
function layered(
  texts: readonly string[],
  instead: Partial<WireHandlers<Outbox>> = {},
) {
  const clock = new FakeClock();
  const events: FaultEvent[] = [];
  const { handlers, told, open } = echo();
  const layer = faultPath({
    faults: parseFaults(texts),
    seed: 1,
    clock,
    onFault: (event) => events.push(event),
    moved(before, now) {
      open.delete(before as Wire<Outbox>);
      open.add(now as Wire<Outbox>);
    },
  });
  const outer = layer.wrap({ ...handlers, ...instead } as AnyHandlers);
  return {
    layer,
    outer,
    clock,
    events,
    told,
    open,
    accept(...sent: string[]): FakeSocket {
      const socket = new FakeSocket(outer);
      socket.happens("open");
      for (const text of sent) socket.happens(Buffer.from(text));
      return socket;
    },
    /** The one connection that is open, as the handlers see it. */
    wire: (): Wire<Outbox> => [...open][0]!,
  };
}

test("without a fault an echo is what it is without the layer", () => {
  const { told, accept, layer } = layered([]);
  const socket = accept("hello", "world");
  socket.happens("end");
  expect(String(socket.taken)).toBe("helloworld");
  expect(socket.acts).toEqual(["end"]);
  expect(told).toEqual(["open", "end", "close"]);
  expect(layer.waiting).toBe(0);
});

test("handlers that end see a close at once; what they said still arrives", () => {
  const { layer, clock, told, accept } = layered(["delay 1s"]);
  const socket = accept("hello");
  socket.happens("end");
  expect(told).toEqual(["open", "end", "close"]);
  expect(String(socket.taken)).toBe("");
  expect(layer.waiting).toBe(1);
  clock.advance(1000);
  expect(String(socket.taken)).toBe("hello");
  expect(socket.acts).toEqual(["end"]);
  expect(layer.waiting).toBe(0);
  expect(clock.waiting).toBe(0);
});

test("hurry() leaves what is under way, stop() nothing", () => {
  const hurried = layered(["delay 1m"]);
  const slow = hurried.accept("hello");
  slow.happens("end");
  hurried.layer.hurry(5000);
  hurried.clock.advance(59_999);
  expect(slow.acts).toEqual([]);
  hurried.clock.advance(1);
  expect([String(slow.taken), slow.acts]).toEqual(["hello", ["end"]]);

  const { layer, accept } = layered(["delay 1m"]);
  const socket = accept("hello");
  socket.happens("end");
  const served = accept("hello");
  expect(layer.stop()).toBe(1);
  expect([socket.acts, served.acts]).toEqual([["terminate"], []]);
  // One that the server ends after that is not waited for either.
  served.happens("end");
  expect(served.acts).toEqual(["terminate"]);
  expect(layer.waiting).toBe(0);
});

test("one that is silenced is not waited for, and is reset by a stop", () => {
  const { layer, accept, told } = layered(["mute"]);
  const socket = accept("hello");
  socket.happens("end");
  expect(told).toEqual(["open", "end", "close"]);
  expect(socket.closed).toBe(false);
  expect(layer.waiting).toBe(0);
  expect(layer.stop()).toBe(0);
  expect(socket.acts).toEqual(["setKeepAlive", "terminate"]);
});

test("a write of handlers that pause for a full path goes on with a drain", () => {
  const { clock, accept } = layered(["rate 1MB toward client"]);
  const socket = accept();
  const sent = Buffer.alloc(4 * 1024 * 1024, "0123456789");
  for (let at = 0; at < sent.length;) {
    if (socket.acts.at(-1) === "pause") {
      clock.advance(10);
    } else {
      // Each a buffer of its own, as Bun's are.
      socket.happens(Buffer.from(sent.buffer.slice(at, at + 524_288)));
      at += 524_288;
    }
  }
  socket.happens("end");
  clock.advance(5000);
  expect(socket.taken.equals(sent)).toBe(true);
  expect(socket.acts.at(-1)).toBe("end");
  expect(socket.acts).toContain("pause");
});

test("handlers that pause are sent nothing, not even a FIN", () => {
  const seen: string[] = [];
  const { accept, wire } = layered([], {
    data: (_, chunk) => void seen.push(String(chunk)),
  });
  const socket = accept("a");
  wire().pause();
  expect(socket.acts).toEqual(["pause"]);
  socket.happens(Buffer.from("b"));
  expect(seen).toEqual(["a"]);
  wire().resume();
  expect(seen).toEqual(["a", "b"]);
  expect(socket.acts).toEqual(["pause", "resume"]);
});

test.each([[[]], [["slice 20000 0ms toward server"]]])(
  "what handlers are given is theirs, with faults %j",
  (faults) => {
    const lengths: number[] = [];
    let isPaused = true;
    const { accept, wire } = layered(faults, {
      data(connection, chunk) {
        lengths.push(chunk.length);
        connection.write(chunk);
        (chunk.buffer as ArrayBuffer).transfer(0);
        if (isPaused) connection.pause();
      },
    });
    const socket = accept();
    const sent = Buffer.from(
      Array.from({ length: 100_000 }, (_, n) => (n * 7) % 251),
    );
    socket.happens(Buffer.from(sent.subarray(0, 60_000)));
    socket.happens(Buffer.from(sent.subarray(60_000)));
    isPaused = false;
    wire().resume();
    expect(socket.taken.equals(sent)).toBe(true);
    const pieces = faults.length > 0 ? [2e4, 2e4, 2e4, 2e4, 2e4] : [6e4, 4e4];
    expect(lengths).toEqual(pieces);
  },
);

describe("ends", () => {
  test("a reset: the socket is reset, the handlers told after their write", async () => {
    const told: string[] = [];
    const { accept, events } = layered(["reset after 3"], {
      data(wire, chunk) {
        told.push(`wrote ${wire.write(chunk)}`);
      },
      close: (_, error) => void told.push(`close ${(error as Error).message}`),
    });
    const socket = accept("hello");
    await Promise.resolve();
    expect(told).toEqual(["wrote 5", "close ECONNRESET"]);
    expect(String(socket.taken)).toBe("hel");
    expect(events).toEqual([{ id: 1, fault: "reset after 3", offset: 3 }]);
  });

  test("a finish: what the client still sends is read, and dropped", async () => {
    const { accept, told } = layered(["finish after 3"]);
    const socket = accept("hello", "more");
    expect(String(socket.taken)).toBe("hel");
    await Promise.resolve();
    expect(socket.acts).toEqual(["shutdown"]);
    expect(told).toEqual(["open", "end", "close"]);
    socket.happens("end");
    socket.happens("close");
    expect(told).toEqual(["open", "end", "close"]);
  });

  test("a reset of the client's comes as late as its bytes", () => {
    const { accept, told, clock, outer } = layered([
      "delay 1s toward server",
      "stall after 1h",
    ]);
    const socket = accept("hello");
    socket.closed = true;
    outer.close(socket as never, new Error("ECONNRESET"));
    expect(told).toEqual(["open"]);
    clock.advance(1000);
    expect(told.slice(0, 1)).toEqual(["open"]);
    expect(told.filter((event) => event.startsWith("close")).length).toBe(1);
    expect(clock.waiting).toBe(0);
  });

  test("what is written to a client that is gone is taken until that is told", () => {
    const { accept, told, clock, outer, wire } = layered([
      "delay 1s toward server",
    ]);
    const socket = accept();
    socket.closed = true;
    outer.close(socket as never, new Error("ECONNRESET"));
    expect(wire().write(Buffer.from("hello"))).toBe(5);
    expect(socket.writes).toEqual([]);
    const served = wire();
    clock.advance(1000);
    expect(told.length).toBe(2);
    expect(served.write(Buffer.from("hello"))).toBe(-1);
  });

  test("a socket that handlers paused is read again once they left it", () => {
    const { accept, wire } = layered(["delay 1s"], { data() {} });
    const socket = accept();
    wire().pause();
    wire().end();
    expect(socket.acts).toEqual(["pause", "resume"]);
  });

  test("a FIN that cuts TLS off is told as such", () => {
    const cut: unknown[] = [];
    const { accept, outer, told } = layered(["no-half-close"], {
      end: (_, truncated) => void cut.push(truncated),
    });
    const socket = accept("hello");
    outer.end(socket as never, true);
    expect(cut).toEqual([true]);
    expect(socket.acts).toEqual(["shutdown"]);
    socket.happens("close");
    expect(told).toEqual(["open", "close"]);
  });

  test("reset-as-finish: the handlers see the client finish", () => {
    const { accept, told, outer } = layered(["reset-as-finish"]);
    const socket = accept("hello");
    socket.closed = true;
    outer.close(socket as never, new Error("ECONNRESET"));
    expect(told).toEqual(["open", "end", "close"]);
  });

  test("a write that meets the client's reset is one for the handlers too", () => {
    for (const faults of [[], ["delay 1s"]]) {
      const { accept, told, clock } = layered(faults);
      const socket = accept();
      socket.write = () => -1;
      socket.happens(Buffer.from("hello"));
      clock.advance(1000);
      expect(socket.acts).toEqual(["terminate"]);
      // Without a fault they met it themselves.
      const close = faults.length === 0 ? "close" : "close ECONNRESET";
      expect(told).toEqual(["open", close]);
    }
  });

  test("one that vanished and closes is closed for its handlers too", () => {
    const { accept, told } = layered(["vanish after 3"]);
    const socket = accept("hello");
    expect(socket.acts).toEqual(["pause", "setKeepAlive"]);
    socket.happens("close");
    expect(told).toEqual(["open", "close"]);
  });

  test("what the server itself resets or finishes passes", () => {
    for (const act of ["terminate", "shutdown"] as const) {
      const { accept, wire } = layered([]);
      const socket = accept("hello");
      wire()[act]();
      expect(socket.acts).toEqual([act]);
    }
  });
});

describe("refusing", () => {
  test("refuse: reset at once, and never seen by the handlers", () => {
    const { accept, told, events } = layered(["refuse on every 2nd"]);
    const sockets = [accept("a"), accept("b"), accept("c")];
    expect(sockets.map(({ acts }) => acts)).toEqual([[], ["terminate"], []]);
    expect(told).toEqual(["open", "open"]);
    expect(events).toEqual([
      { id: 2, fault: "refuse on every 2nd", offset: 0 },
    ]);
  });

  test("a permit goes with its connection, or is given back", () => {
    const { outer } = layered(["refuse on first 1"], {
      open: (_, permit) => permit?.release(),
    });
    const released: string[] = [];
    for (const name of ["refused", "served"]) {
      outer.open(new FakeSocket(outer) as never, {
        release: () => released.push(name),
      });
    }
    expect(released).toEqual(["refused", "served"]);
  });

  test("limit: so many at once", () => {
    const { accept } = layered(["limit 2"]);
    const [first] = [accept(), accept()];
    expect(accept().acts).toEqual(["terminate"]);
    first!.happens("close");
    expect(accept().acts).toEqual([]);
  });
});

test("proxy-header: the handlers read it first", () => {
  const { accept } = layered(["proxy-header v1"]);
  const socket = accept("hello");
  expect(String(socket.taken)).toBe(
    "PROXY TCP4 127.0.0.1 127.0.0.1 53124 21567\r\nhello",
  );
});

test("faults are on the connections they choose", () => {
  const { accept } = layered(["corrupt on first 1"]);
  expect(String(accept("hello").taken)).not.toBe("hello");
  expect(String(accept("hello").taken)).toBe("hello");
});

test("faults that are put on reach open connections and new ones", () => {
  const { layer, accept, events } = layered([]);
  const open = accept("hello");
  layer.faults = parseFaults(["drop 1 after 2"]);
  open.happens(Buffer.from("world"));
  expect(String(open.taken)).toBe("hellowold");
  expect(String(accept("hello").taken)).toBe("helo");
  expect(events.map(({ id, offset }) => [id, offset])).toEqual([
    [1, 7],
    [2, 2],
  ]);
  layer.faults = [];
  expect(String(accept("hello").taken)).toBe("hello");
});

test("a handler that throws is told so, as Bun tells it", () => {
  const { accept, told, clock } = layered(["delay 1s toward server"], {
    data() {
      throw new Error("broken");
    },
  });
  const socket = accept("hello");
  clock.advance(1000);
  expect(told).toEqual(["open", "error broken", "close"]);
  expect(socket.acts).toEqual(["terminate"]);
});

test("handlers that close in their open are shown no more", () => {
  const { accept, told, events, clock } = layered(["reset after 1h"], {
    open(wire) {
      wire.terminate();
    },
  });
  const socket = accept("hello");
  expect(clock.waiting).toBe(0);
  expect(socket.acts).toEqual(["terminate"]);
  expect([told, events]).toEqual([["close"], []]);
});
