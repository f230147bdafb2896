import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { connect, type Socket } from "node:net";

import { type Client, Clients } from "../../src/admin/clients.ts";
import { adminOf } from "../support/admin.ts";
import { FakeSource } from "../support/fake-source.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { ServerEvents } from "../support/server-events.ts";
import { until } from "../support/until.ts";

type Admin = Awaited<ReturnType<typeof adminOf>>;

/** Who connects, says this and waits for what comes. */
async function caller({ address }: Admin, says = ""): Promise<Visitor> {
  const { port } = address as { port: number };
  const visitor = new Visitor(connect(port, "127.0.0.1"));
  await until(() => visitor.isOpen, "it is connected");
  if (says !== "") visitor.socket.write(says);
  return visitor;
}

class Visitor implements Disposable {
  heard = "";
  isOpen = false;
  isClosed = false;

  constructor(readonly socket: Socket) {
    socket.on("connect", () => (this.isOpen = true));
    socket.on("data", (chunk) => (this.heard += chunk.toString()));
    socket.on("close", () => (this.isClosed = true));
    socket.on("error", () => {});
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe("the admin port", () => {
  test("the admin port has room for a probe, however many only connect", async () => {
    await using admin = await adminOf(new FakeSource());
    using stack = new DisposableStack();
    const idle: Visitor[] = [];
    while (idle.length < 200) idle.push(stack.use(await caller(admin)));
    for (let probe = 0; probe < 20; probe += 1) {
      const answer = await fetch(`${admin.url}/readyz`, { keepalive: false });
      expect(await answer.text()).toBe("ready\n");
    }
    const open = () => idle.filter(({ isClosed }) => !isClosed);
    await until(() => open().length <= 40, "the others are hung up on");
    // Those that had been idle for longest.
    expect(open()).toEqual(idle.slice(-open().length));
    expect(open().length).toBeGreaterThan(10);
  });

  test("the admin port cuts nobody off who is being answered", async () => {
    await using admin = await adminOf(new FakeSource());
    using stack = new DisposableStack();
    const response = await fetch(`${admin.url}/events`);
    const events = new ServerEvents(response.body!);
    await events.next();
    const half = stack.use(await caller(admin, "GET /metrics HTTP/1.1\r\n"));
    for (let each = 0; each < 100; each += 1) stack.use(await caller(admin));
    await until(() => half.isClosed, "a half request is none");
    expect(await events.next()).toMatchObject({ name: "snapshot" });
    await events.leave();
  });

  test("the admin port has room for all who come one after another, and stay", async () => {
    await using admin = await adminOf(new FakeSource());
    using stack = new DisposableStack();
    for (let each = 0; each < 60; each += 1) {
      const visitor = stack.use(await caller(admin, GET("/healthz")));
      await until(() => visitor.heard.endsWith("ok\n"), "it is answered");
    }
  });

  test("the admin port answers who has asked and finished", async () => {
    await using admin = await adminOf(new FakeSource());
    using visitor = await caller(admin);
    visitor.socket.end(GET("/metrics"));
    await until(() => visitor.isClosed, "it is closed");
    expect(visitor.heard).toContain("sounder_ready 1");
  });

  test("the admin port closes what is no HTTP", async () => {
    await using admin = await adminOf(new FakeSource());
    using visitor = await caller(admin, "\x16\x03\x01 hello\r\n\r\n");
    await until(() => visitor.isClosed, "it is closed");
    expect((await fetch(`${admin.url}/healthz`)).status).toBe(200);
  });
});

describe("Clients", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("Clients turns newcomers away while all are being answered", () => {
    const served: Client[] = [];
    const clients = new Clients((client) => void served.push(client));
    const { handlers } = clients;
    const connects = () => {
      const wire = new FakeWire<Client>();
      handlers.open!(wire as never);
      return wire;
    };
    while (served.length < 40) {
      connects();
      clients.asks(served.at(-1)!);
    }
    const late = connects();
    expect(late.acts).toEqual(["terminate"]);
    expect(served).toHaveLength(40);
    handlers.close!(late as never);

    clients.rests(served[7]!);
    connects();
    expect(served).toHaveLength(41);
    expect(served.filter(({ destroyed }) => destroyed)).toEqual([served[7]!]);
    clients.close();
    expect(served.every(({ destroyed }) => destroyed)).toBe(true);
    expect(connects().acts).toEqual(["terminate"]);
  });

  /** A client whose kernel takes what `appetites` say. */
  function accepted(...appetites: number[]) {
    let client: Client | undefined;
    const clients = new Clients((one) => void (client = one));
    const wire = new FakeWire<Client>(appetites);
    const { handlers } = clients;
    handlers.open!(wire as never);
    return { clients, wire, client: client!, handlers };
  }

  test("Clients has room again once one that is being answered leaves", () => {
    const served: Client[] = [];
    const clients = new Clients((client) => void served.push(client));
    const { handlers } = clients;
    const wires = Array.from({ length: 40 }, () => new FakeWire<Client>());
    for (const wire of wires) {
      handlers.open!(wire as never);
      clients.asks(wire.data);
    }
    handlers.close!(wires[3] as never);
    clients.rests(wires[3]!.data);
    const connects = () => handlers.open!(new FakeWire<Client>() as never);
    const destroyed = () => served.filter((client) => client.destroyed);
    connects();
    expect(served).toHaveLength(41);
    expect(destroyed()).toEqual([wires[3]!.data]);
    // That was the place that there was.
    connects();
    expect(destroyed()).toEqual([wires[3]!.data, served[40]!]);
  });

  test("Clients reads no more than is taken from it", () => {
    const { wire, client, handlers } = accepted();
    handlers.data!(wire as never, Buffer.from("GET / "));
    expect(wire.acts).not.toContain("pause");
    handlers.data!(wire as never, Buffer.alloc(1_000_000));
    expect(wire.acts).toContain("pause");
    expect(client.read(6).toString()).toBe("GET / ");
  });

  test("Clients hangs up on who is gone, and keeps nothing of them", () => {
    const { clients, wire, client } = accepted(-1);
    clients.asks(client);
    client.write("hello there");
    expect(client.destroyed).toBe(true);
    expect(wire.acts).toEqual(["terminate"]);
    const { stuck } = client as unknown as { stuck: { size: number } };
    expect(stuck.size).toBe(0);
  });

  test("Clients has no place for who asked, but is gone", () => {
    const clients = new Clients(() => {});
    const { handlers } = clients;
    const connects = () => {
      const wire = new FakeWire<Client>();
      handlers.open!(wire as never);
      return wire;
    };
    for (let each = 0; each < 100; each += 1) {
      const wire = connects();
      handlers.close!(wire as never);
      // What it said is read after that.
      clients.asks(wire.data);
    }
    expect(connects().acts).toEqual([]);
  });

  test("Clients hangs up on who asks nothing for 30 s", () => {
    const { clients, wire, client } = accepted();
    clients.asks(client);
    jest.advanceTimersByTime(60_000);
    expect(client.destroyed).toBe(false);
    clients.rests(client);
    jest.advanceTimersByTime(29_999);
    expect(client.destroyed).toBe(false);
    jest.advanceTimersByTime(1000);
    expect(client.destroyed).toBe(true);
    expect(wire.acts).toContain("terminate");
  });

  test("Clients hangs up on who takes nothing for 30 s", () => {
    const { clients, wire, client, handlers } = accepted(3, 0, 2, 0);
    clients.asks(client);
    client.write("hello there");
    jest.advanceTimersByTime(20_000);
    handlers.drain!(wire as never);
    expect(client.destroyed).toBe(false);
    jest.advanceTimersByTime(11_000);
    expect(client.destroyed).toBe(true);
    expect(String(wire.taken)).toBe("hel");
  });

  test("Clients waits for who takes all in the end", () => {
    const { clients, wire, client, handlers } = accepted(3, 2);
    clients.asks(client);
    client.write("hello there");
    client.write(", once more");
    jest.advanceTimersByTime(20_000);
    handlers.drain!(wire as never);
    handlers.drain!(wire as never);
    jest.advanceTimersByTime(60_000);
    expect(client.destroyed).toBe(false);
    expect(String(wire.taken)).toBe("hello there, once more");
  });
});
