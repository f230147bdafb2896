import { describe, expect, test } from "bun:test";

import { fakeLink } from "../support/fake-link.ts";

describe("delay", () => {
  test("each chunk comes so much later, and the end too", () => {
    const { clock, client, down, link, events } = fakeLink(["delay 50ms"]);
    down("a");
    clock.advance(30);
    down("b");
    link.toClient.end("finish");
    clock.advance(1000);
    expect(client.pieces.map(({ at }) => at)).toEqual([50, 80]);
    expect(client.endings).toEqual([{ at: 80, how: "finish" }]);
    expect(events).toEqual([{ id: 1, fault: "delay 50ms", offset: 0 }]);
  });

  test("what goes to the server is not delayed, unless it is said", () => {
    const plain = fakeLink(["delay 50ms"]);
    plain.up("a");
    expect(plain.server.text).toBe("a");
    const toward = fakeLink(["delay 50ms toward server"]);
    toward.up("a");
    toward.down("b");
    expect([toward.server.text, toward.client.text]).toEqual(["", "b"]);
    toward.clock.advance(50);
    expect(toward.server.text).toBe("a");
  });

  test("jitter stays within its bounds, and keeps the order", () => {
    const { clock, client, down } = fakeLink(["delay 50ms+-10ms"]);
    for (let n = 0; n < 200; n++) {
      down(String.fromCharCode(n % 128));
      clock.advance(100);
    }
    const delays = client.pieces.map(({ at }, n) => at - n * 100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(15);

    const burst = fakeLink(["delay 50ms+-50ms"]);
    for (let n = 0; n < 100; n++) burst.down(String.fromCharCode(n));
    burst.clock.advance(100);
    expect([...burst.client.taken]).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  test("jitter is the same for the same seed", () => {
    function times(seed: number): number[] {
      const { clock, client, down } = fakeLink(["delay 50ms+-10ms"], { seed });
      for (let n = 0; n < 20; n++) {
        down("x");
        clock.advance(100);
      }
      return client.pieces.map(({ at }) => at);
    }
    expect(times(5)).toEqual(times(5));
    expect(times(5)).not.toEqual(times(6));
  });

  test("two delays add up; one after a size begins there", () => {
    const { clock, client, down } = fakeLink([
      "delay 20ms",
      "delay 30ms after 3",
    ]);
    down("abcd");
    clock.advance(20);
    expect(client.text).toBe("abc");
    clock.advance(29);
    expect(client.text).toBe("abc");
    clock.advance(1);
    expect(client.text).toBe("abcd");
  });
});

describe("rate", () => {
  test("so many bytes go by in a second, evenly", () => {
    const { clock, client, down, link } = fakeLink(["rate 1MB toward client"]);
    for (let sent = 0; sent < 5e6;) {
      if (!link.toClient.paused) {
        down(new Uint8Array(50_000));
        sent += 50_000;
      }
      clock.advance(5);
    }
    clock.advance(5000);
    const seconds = client.pieces.at(-1)!.at / 1000;
    expect(client.taken.length).toBe(5e6);
    expect(seconds).toBeWithin(4.99, 5.02);
    // Within each tenth of a second, too.
    for (let tenth = 0; tenth < 49; tenth++) {
      const within = client.pieces.filter(
        ({ at }) => at > tenth * 100 && at <= tenth * 100 + 100,
      );
      const passed = within.reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(passed).toBeWithin(95_000, 105_001);
    }
  });

  test("10 bytes a second are one every 100 ms, each way", () => {
    const { clock, client, server, down, up } = fakeLink(["rate 10"]);
    down("abc");
    up("xyz");
    clock.advance(99);
    expect(client.text).toBe("");
    clock.advance(1);
    expect([client.text, server.text]).toEqual(["a", "x"]);
    clock.advance(200);
    expect([client.text, server.text]).toEqual(["abc", "xyz"]);
  });

  test("a reader that stalls is not flooded afterwards", () => {
    const { clock, client, down, link } = fakeLink(["rate 1kB"]);
    client.appetites = [0];
    down(new Uint8Array(10_000));
    clock.advance(5000);
    expect(client.taken.length).toBe(0);
    link.toClient.drained();
    clock.advance(1000);
    expect(client.taken.length).toBeWithin(995, 1016);
  });
});

test("slice: pieces of a size, with a pause between two", () => {
  const { clock, client, down, link } = fakeLink(["slice 3 10ms"]);
  down("abcdefgh");
  link.toClient.end("finish");
  clock.advance(100);
  expect(client.chunks).toBe("abc | def | gh");
  expect(client.pieces.map(({ at }) => at)).toEqual([0, 10, 20]);
  expect(client.ends).toEqual(["finish"]);
});

test("slice without a pause sends all pieces at once", () => {
  const { client, down } = fakeLink(["slice 1 0ms"]);
  down("abc");
  expect(client.chunks).toBe("a | b | c");
});

test("join: pieces wait until they are enough, or have waited enough", () => {
  const { clock, client, down, link } = fakeLink(["join 4 40ms"]);
  for (const piece of ["a", "b", "cd", "e"]) down(piece);
  expect(client.chunks).toBe("abcd");
  clock.advance(39);
  down("f");
  clock.advance(1);
  expect(client.chunks).toBe("abcd | ef");
  down("g");
  link.toClient.end("finish");
  expect(client.chunks).toBe("abcd | ef | g");
  expect(client.ends).toEqual(["finish"]);
});

describe("freeze", () => {
  test.each(["abcdefgh", "abcd efgh", "a bcdefg h"])(
    "every so many bytes, however they come: %j",
    (chunks) => {
      const { clock, client, down, link, events } = fakeLink([
        "freeze 1s every 3",
      ]);
      for (const chunk of chunks.split(" ")) down(chunk);
      link.toClient.end("finish");
      expect(client.text).toBe("abc");
      clock.advance(999);
      expect(client.text).toBe("abc");
      clock.advance(1);
      expect(client.text).toBe("abcdef");
      clock.advance(999);
      expect([client.text, client.ends]).toEqual(["abcdef", []]);
      clock.advance(1);
      expect([client.text, client.ends]).toEqual(["abcdefgh", ["finish"]]);
      expect(events.map(({ offset }) => offset)).toEqual([3, 6]);
    },
  );

  test("both directions stand still where the one toward the client says", () => {
    const { clock, client, server, down, up, events } = fakeLink([
      "freeze 2s after 3",
    ]);
    up("not counted");
    down("abcdef");
    up("held");
    expect([client.text, server.text]).toEqual(["abc", "not counted"]);
    expect([client.isPaused, server.isPaused]).toEqual([true, true]);
    clock.advance(1999);
    expect([client.text, server.text]).toEqual(["abc", "not counted"]);
    clock.advance(1);
    expect([client.text, server.text]).toEqual(["abcdef", "not countedheld"]);
    expect([client.isPaused, server.isPaused]).toEqual([false, false]);
    expect(events).toEqual([{ id: 1, fault: "freeze 2s after 3", offset: 3 }]);
  });

  test("toward one side the other goes on", () => {
    const { client, server, down, up } = fakeLink(["freeze 2s toward server"]);
    down("a");
    up("b");
    expect([client.text, server.text]).toEqual(["a", ""]);
  });

  test("every so often, by the clock", () => {
    const { clock, client, down, events } = fakeLink([
      "freeze 300ms every 1s toward client",
    ]);
    for (let n = 0; n < 40; n++) {
      down("x");
      clock.advance(100);
    }
    const late = client.pieces.filter(({ at }, n) => at > n * 100);
    expect(late.map(({ at }) => at)).toEqual([
      1300, 1300, 1300, 2300, 2300, 2300, 3300, 3300, 3300,
    ]);
    expect(events.map(({ offset }) => offset)).toEqual([10, 20, 30, 40]);
  });

  test("each time that nothing came for a while", () => {
    const { clock, client, up, down } = fakeLink([
      "freeze 1s idle 5s toward client",
    ]);
    clock.advance(4000);
    up("x");
    clock.advance(4999);
    down("a");
    expect(client.text).toBe("a");
    clock.advance(5000);
    down("b");
    expect(client.text).toBe("a");
    clock.advance(1000);
    expect(client.text).toBe("ab");
    clock.advance(3999);
    down("c");
    expect(client.text).toBe("abc");
    clock.advance(5500);
    down("d");
    expect(client.text).toBe("abc");
    clock.advance(500);
    expect(client.text).toBe("abcd");
  });
});

test("a reset drops what its reader has not taken, and reads on", () => {
  const { client, server, down, link } = fakeLink([]);
  client.appetites = [1];
  down("abc");
  expect(server.isPaused).toBe(true);
  link.toClient.end("reset");
  expect(client.ends).toEqual(["reset"]);
  expect(server.isPaused).toBe(false);
});

test("stall: nothing passes any more, but a reset", () => {
  const { clock, client, server, down, up, link } = fakeLink(["stall after 2"]);
  down("abc");
  up("x");
  clock.advance(1e9);
  expect([client.text, server.text]).toEqual(["ab", ""]);
  expect([client.isPaused, server.isPaused]).toEqual([true, true]);
  link.toClient.end("close");
  expect(client.ends).toEqual([]);
  link.toServer.end("reset");
  expect(server.ends).toEqual(["reset"]);
  expect(client.ends).toEqual([]);
});

describe("reset", () => {
  test("both sides are reset, behind exactly so many bytes", () => {
    const { client, server, down, up, events } = fakeLink(["reset after 4"]);
    up("0123456789");
    down("ab");
    expect(client.ends).toEqual([]);
    down("cdef");
    expect(client.text).toBe("abcd");
    expect([client.ends, server.ends]).toEqual([["abort"], ["abort"]]);
    expect(events).toEqual([{ id: 1, fault: "reset after 4", offset: 4 }]);
    up("more");
    down("more");
    expect([client.text, server.text]).toEqual(["abcd", "0123456789"]);
  });

  test("it acts when so many bytes have gone by, without another", () => {
    const { client, down } = fakeLink(["reset after 4"]);
    down("abcd");
    expect(client.ends).toEqual(["abort"]);
  });

  test("toward the server, the bytes to the server count", () => {
    const { client, server, up } = fakeLink(["reset toward server after 4"]);
    up("abcdef");
    expect(server.text).toBe("abcd");
    expect([client.ends, server.ends]).toEqual([["abort"], ["abort"]]);
  });

  test("after a while, and after idling", () => {
    const after = fakeLink(["reset after 10s"]);
    after.clock.advance(9999);
    after.down("abc");
    expect(after.client.ends).toEqual([]);
    after.clock.advance(1);
    expect(after.client.ends).toEqual(["abort"]);

    const idle = fakeLink(["reset idle 10s"]);
    for (let n = 0; n < 5; n++) {
      idle.clock.advance(9999);
      idle.up("x");
    }
    expect(idle.client.ends).toEqual([]);
    idle.clock.advance(10_000);
    expect(idle.client.ends).toEqual(["abort"]);
  });

  test("without a when, as soon as the connection is there", () => {
    const { client, server } = fakeLink(["reset"]);
    expect([client.ends, server.ends]).toEqual([["abort"], ["abort"]]);
  });

  test("a drain in which nothing is taken gives no more time", () => {
    const { clock, client, down, link } = fakeLink(["reset after 4"]);
    client.appetites = [0, 0, 0];
    down("abcd");
    clock.advance(500);
    link.toClient.drained();
    clock.advance(500);
    expect(client.ends).toEqual(["abort"]);
  });

  test("a reader that takes nothing is reset after a second", () => {
    const { clock, client, down, link } = fakeLink(["reset after 4"]);
    client.appetites = [0, 1, 0];
    down("abcd");
    clock.advance(999);
    link.toClient.drained();
    clock.advance(999);
    expect(client.ends).toEqual([]);
    clock.advance(1);
    expect(client.ends).toEqual(["abort"]);
    expect(client.text).toBe("a");
  });
});

describe("finish", () => {
  test("both sides get a FIN, and nothing behind it", () => {
    const { client, server, down, up } = fakeLink(["finish after 4"]);
    up("up");
    down("abcdef");
    up("more");
    expect([client.text, server.text]).toEqual(["abcd", "up"]);
    expect([client.ends, server.ends]).toEqual([["finish"], ["finish"]]);
  });

  test("toward one side, the other direction goes on", () => {
    const { client, server, down, up, link } = fakeLink([
      "finish toward client after 4",
    ]);
    down("abcdef");
    up("more");
    link.toServer.end("finish");
    expect([client.text, server.text]).toEqual(["abcd", "more"]);
    expect([client.ends, server.ends]).toEqual([["finish"], ["finish"]]);
  });
});

describe("silence", () => {
  test("vanish: nothing in either direction, not even an end", () => {
    const { clock, client, server, down, up, link } = fakeLink([
      "vanish after 2",
    ]);
    down("abc");
    up("x");
    link.toClient.end("reset");
    link.toServer.end("finish");
    clock.advance(1e9);
    expect([client.text, server.text]).toEqual(["ab", ""]);
    expect([client.ends, server.ends]).toEqual([[], []]);
    expect([client.isPaused, server.isPaused]).toEqual([true, true]);
    expect([client.isWatched, server.isWatched]).toEqual([true, true]);
  });

  test("mute: what goes to the server arrives, and nothing comes back", () => {
    const { client, server, down, up, link } = fakeLink(["mute"]);
    up("question");
    down("answer");
    link.toServer.end("finish");
    link.toClient.end("close");
    expect([client.text, server.text]).toEqual(["", "question"]);
    expect([client.ends, server.ends]).toEqual([[], ["finish"]]);
    expect([client.isPaused, server.isPaused]).toEqual([false, false]);
    expect(client.isWatched).toBe(true);
  });

  test("pass-max: a large chunk is lost, and all behind it", () => {
    const { client, down, link, events } = fakeLink(["pass-max 3"]);
    for (const chunk of ["abc", "de", "fghi", "j"]) down(chunk);
    link.toClient.end("close");
    expect(client.text).toBe("abcde");
    expect(client.ends).toEqual([]);
    expect(client.isWatched).toBe(true);
    expect(events).toEqual([{ id: 1, fault: "pass-max 3", offset: 5 }]);
  });

  test("other faults heal it: what waited goes on", () => {
    const { client, server, down, up, put } = fakeLink(["vanish after 2"]);
    down("abc");
    expect(server.isPaused).toBe(true);
    put();
    expect(server.isPaused).toBe(false);
    down("def");
    up("x");
    expect([client.text, server.text]).toEqual(["abdef", "x"]);
  });
});

describe("changed bytes", () => {
  test("corrupt: one bit of exactly that byte", () => {
    const { client, down, events } = fakeLink(["corrupt after 1000"]);
    down(new Uint8Array(3000));
    const changed = [...client.taken.entries()].filter(
      ([, byte]) => byte !== 0,
    );
    expect(changed.length).toBe(1);
    expect(changed[0]![0]).toBe(1000);
    expect(Math.log2(changed[0]![1]) % 1).toBe(0);
    expect(events).toEqual([
      { id: 1, fault: "corrupt after 1000", offset: 1000 },
    ]);
  });

  test("corrupt does not act, nor say so, before there is its byte", () => {
    const { down, events } = fakeLink(["corrupt after 4"]);
    down("abcd");
    expect(events).toEqual([]);
    down("e");
    expect(events.length).toBe(1);
  });

  test("corrupt without a when is the first byte, once", () => {
    const { client, down } = fakeLink(["corrupt"]);
    down(new Uint8Array(2));
    down(new Uint8Array(2));
    expect(client.taken[0]).not.toBe(0);
    expect([...client.taken.subarray(1)]).toEqual([0, 0, 0]);
  });

  test("corrupt by the clock: the next byte", () => {
    const { clock, client, down } = fakeLink(["corrupt every 1s"]);
    down("aaaa");
    clock.advance(1000);
    down("bbbb");
    down("cccc");
    clock.advance(2000);
    down("dddd");
    const text = client.text;
    expect(text.slice(0, 4)).toBe("aaaa");
    expect(text[4]).not.toBe("b");
    expect(text.slice(5, 12)).toBe("bbbcccc");
    expect(text.slice(13)).toBe("ddd");
    expect(text[12]).not.toBe("d");
  });

  test("drop, over several chunks", () => {
    const { client, down } = fakeLink(["drop 4 after 2"]);
    for (const chunk of ["abc", "de", "fgh"]) down(chunk);
    expect(client.text).toBe("abgh");
  });

  test("drop again and again: sizes count what comes in", () => {
    const { client, down, events } = fakeLink(["drop 1 every 3"]);
    down("abcdefghij");
    expect(client.text).toBe("abcefhi");
    expect(events.map(({ offset }) => offset)).toEqual([3, 6, 9]);
  });

  test("repeat, over several chunks, and what there is at the end", () => {
    const { client, down, link } = fakeLink(["repeat 4 every 6"]);
    for (const chunk of ["abc", "defgh", "ijklmn"]) down(chunk);
    link.toClient.end("finish");
    expect(client.text).toBe("abcdefghijghijklmnmn");
    expect(client.ends).toEqual(["finish"]);
  });

  test("swap: two neighbouring chunks", () => {
    const { client, down } = fakeLink(["swap after 2"]);
    for (const chunk of ["ab", "cd", "ef", "gh"]) down(chunk);
    expect(client.text).toBe("abefcdgh");
  });

  test("swap: the halves of one, where no other comes", () => {
    const { clock, client, down, link } = fakeLink(["swap"]);
    down("abcdef");
    clock.advance(999);
    expect(client.text).toBe("");
    clock.advance(1);
    expect(client.text).toBe("defabc");
    const ended = fakeLink(["swap"]);
    ended.down("abc");
    ended.link.toClient.end("finish");
    expect(ended.client.text).toBe("bca");
    expect(ended.client.ends).toEqual(["finish"]);
    expect(link.toClient.paused).toBe(false);
  });
});

describe("ends", () => {
  test("no-half-close: who finishes gets a FIN at once, and no answer", () => {
    const { client, server, down, up, link } = fakeLink(["no-half-close"]);
    up("question");
    down("an");
    link.toServer.end("finish");
    down("swer");
    expect([client.text, server.text]).toEqual(["an", "question"]);
    expect([client.ends, server.ends]).toEqual([["finish"], ["finish"]]);
  });

  test("late-finish: the FIN alone is late", () => {
    const { clock, client, down, link } = fakeLink(["late-finish 2s"]);
    down("abc");
    link.toClient.end("close");
    expect(client.text).toBe("abc");
    clock.advance(1999);
    expect(client.ends).toEqual([]);
    clock.advance(1);
    expect(client.ends).toEqual(["close"]);
  });

  test("tls-truncate: whoever finishes and closes is cut off once", () => {
    const { clock, client, link, events } = fakeLink([
      "tls-truncate",
      "late-finish 1s",
    ]);
    link.toClient.end("finish");
    link.toClient.end("close");
    expect(client.ends).toEqual([]);
    clock.advance(1000);
    expect(client.ends).toEqual(["truncate"]);
    expect(events.filter(({ fault }) => fault === "tls-truncate").length).toBe(
      1,
    );
  });

  test.each(["late-finish 1s", "finish-as-reset"])(
    "%s is told once of one that finishes, and then closes",
    (fault) => {
      const { clock, link, events } = fakeLink([fault]);
      link.toClient.end("finish");
      link.toClient.end("gone");
      clock.advance(1000);
      expect(events).toEqual([{ id: 1, fault, offset: 0 }]);
    },
  );

  test("no-half-close: whoever finishes first, it is told once", () => {
    for (const side of ["toServer", "toClient"] as const) {
      const { client, server, link, events } = fakeLink(["no-half-close"]);
      link[side].end("finish");
      expect([client.ends, server.ends]).toEqual([["finish"], ["finish"]]);
      const other = side === "toServer" ? "toClient" : "toServer";
      link[other].end("finish");
      expect(events.length).toBe(1);
    }
  });

  test("what closes without more is a FIN, too", () => {
    const { client, link } = fakeLink(["finish-as-reset"]);
    link.toClient.end("gone");
    expect(client.ends).toEqual(["abort"]);
    const stalled = fakeLink(["stall"]);
    stalled.link.toServer.end("gone");
    expect(stalled.server.ends).toEqual(["gone"]);
  });

  test("reset-as-finish and finish-as-reset", () => {
    const soft = fakeLink(["reset-as-finish"]);
    soft.link.toServer.end("reset");
    soft.link.toClient.end("finish");
    expect([soft.client.ends, soft.server.ends]).toEqual([
      ["finish"],
      ["finish"],
    ]);
    expect(soft.events.length).toBe(1);
    const hard = fakeLink(["finish-as-reset"]);
    hard.down("abc");
    hard.link.toServer.end("finish");
    hard.link.toClient.end("close");
    expect(hard.client.text).toBe("abc");
    expect([hard.client.ends, hard.server.ends]).toEqual([
      ["abort"],
      ["finish"],
    ]);
    expect(hard.events).toEqual([
      { id: 1, fault: "finish-as-reset", offset: 3 },
    ]);
  });

  test("one with a size waits for it", () => {
    const { client, down, link } = fakeLink(["finish-as-reset after 4"]);
    down("abc");
    link.toClient.end("finish");
    expect(client.ends).toEqual(["finish"]);
  });
});

test("proxy-header: bytes before all others, to the server", () => {
  const { server, client, up, down } = fakeLink(["proxy-header v2"]);
  up("hello");
  down("hello");
  expect([server.text, client.text]).toEqual(["header 2\nhello", "hello"]);
});

test("proxy-header: one that comes later finds the beginning gone by", () => {
  const { server, up, put, events } = fakeLink([]);
  up("hello");
  put("proxy-header v1");
  up("more");
  expect([server.text, events]).toEqual(["hellomore", []]);
});

test("repeat: what comes again is not changed with what came", () => {
  const { client, down } = fakeLink(["repeat 3", "corrupt"]);
  down("abc");
  expect(client.taken.subarray(3).toString()).toBe("abc");
  expect(client.taken[0]).not.toBe(97);
});

test("a source that was paused goes on once half of what was held is gone", () => {
  const { clock, server, down } = fakeLink(["rate 100kB toward client"]);
  down(new Uint8Array(1024 * 1024));
  expect(server.isPaused).toBe(true);
  clock.advance(5000);
  expect(server.isPaused).toBe(true);
  clock.advance(500);
  expect(server.isPaused).toBe(false);
});

test("faults stack in the order given", () => {
  const first = fakeLink(["drop 2", "repeat 3"]);
  first.down("abcdefgh");
  expect(first.client.text).toBe("cdecdefgh");
  const second = fakeLink(["repeat 3", "drop 2"]);
  second.down("abcdefgh");
  expect(second.client.text).toBe("cabcdefgh");
});

test("other faults are put on in both directions at once, from there on", () => {
  const { clock, client, down, put, events } = fakeLink(["delay 1s"]);
  down("abc");
  put("reset after 4", "delay 2s");
  // What was held goes on at once.
  expect(client.text).toBe("abc");
  down("def");
  down("ghi");
  clock.advance(2000);
  expect(client.text).toBe("abcdefg");
  expect(client.ends).toEqual(["abort"]);
  expect(events.at(0)).toEqual({ id: 1, fault: "delay 1s", offset: 0 });
  expect(events.at(-1)!.offset).toBe(7);
});

test.each([
  "delay 1h",
  "reset after 1h",
  "reset idle 1h",
  "freeze 1h",
  "freeze 1s every 1h",
  "swap",
  "join 10 1h",
  "rate 1 toward client",
  "slice 1 1h",
  "late-finish 1h",
])("%s: nothing is left to run once it is stopped", (fault) => {
  const { clock, down, link } = fakeLink([fault]);
  down("abcdef");
  link.toClient.end("finish");
  link.stop();
  expect(clock.waiting).toBe(0);
});
