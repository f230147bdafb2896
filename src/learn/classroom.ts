import { connect } from "../client/connect.ts";
import type { Connection } from "../client/connection.ts";
import { diagramsOf } from "../diagram/connections.ts";
import { buildDiagram } from "../diagram/build.ts";
import type { Diagram } from "../diagram/diagram.ts";
import { whyOf } from "../errors/errors.ts";
import type { Server } from "../server/public.ts";
import { startServer } from "../server/server.ts";
import type { TraceEvent } from "../socket/trace/event.ts";
import { Tracer } from "../socket/trace/tracer.ts";

/** Bytes of what is written and read that a picture shows. */
const SHOWN = 24;
/** A reader that does not read: more than the kernels' buffers take. */
const FLOOD = 8 * 2 ** 20;
/** Lines of a conversation that are kept. */
const LINES = 200;
/** Events that are kept of each side. */
const EVENTS = 2000;

/** A line that was typed, or came; or what happened. */
export interface Line {
  from: "client" | "server" | "note";
  text: string;
}

/** One client, as whoever learns sees it. */
export interface Pupil {
  id: number;
  state: "connecting" | "open" | "finished" | "gone";
  /** Whether it reads what comes. */
  reads: boolean;
  lines: Line[];
  local: string | null;
}

/** A client, with what it needs to go on. */
class Client implements Pupil {
  state: Pupil["state"] = "connecting";
  reads = true;
  readonly lines: Line[] = [];
  local: string | null = null;
  readonly events: TraceEvent[] = [];
  connection: Connection | undefined;
  /** Resolves once it reads again. */
  private resumed = Promise.withResolvers<void>();

  constructor(
    readonly id: number,
    private readonly changed: () => void,
  ) {}

  say(from: Line["from"], text: string): void {
    this.lines.push({ from, text });
    if (this.lines.length > LINES) this.lines.shift();
    this.changed();
  }

  stopReading(): void {
    this.reads = false;
    this.resumed = Promise.withResolvers();
    this.changed();
  }

  readAgain(): void {
    this.reads = true;
    this.resumed.resolve();
    this.changed();
  }

  async listen(connection: Connection): Promise<void> {
    try {
      for (;;) {
        if (!this.reads) await this.resumed.promise;
        const chunk = await connection.read();
        if (chunk === undefined) break;
        const many = chunk.length > 2000;
        const text = many
          ? `… ${chunk.length} bytes`
          : chunk.toString().trimEnd();
        this.say("server", text);
      }
      this.say("note", "FIN");
      connection.finish();
    } catch (error) {
      this.say("note", whyOf(error));
    }
    await connection.closed;
    this.state = "gone";
    this.changed();
  }
}

/**
 * A server and clients in one process, for whoever wants to see what happens
 * between them. Everything that happens is kept as events, of both sides.
 */
export class Classroom implements AsyncDisposable {
  private readonly clients: Client[] = [];
  private serverEvents: TraceEvent[] = [];
  private server: Server | undefined;
  private faults: readonly string[] = [];

  /** @param changed is told that there is something new to be shown */
  private constructor(private readonly changed: () => void) {}

  /** @throws SounderError as startServer() */
  static async open(changed: () => void): Promise<Classroom> {
    const room = new Classroom(changed);
    await room.startServer();
    return room;
  }

  get pupils(): readonly Pupil[] {
    return this.clients;
  }
  get address(): string | undefined {
    const port = this.server?.port;
    return port === undefined ? undefined : `127.0.0.1:${port}`;
  }
  get activeFaults(): readonly string[] {
    return this.faults;
  }
  /** When each client that is open was last heard of, in ms since 1970. */
  get waits(): readonly { id: number; peer: string; since: number }[] {
    return this.clients.flatMap((client) => {
      if (client.state === "gone" || client.local === null) return [];
      const its = this.serverEvents.filter(({ peer }) => peer === client.local);
      const since = its.at(-1)?.at;
      return since === undefined
        ? []
        : [{ id: client.id, peer: client.local, since }];
    });
  }

  /** @throws SounderError as startServer() */
  async startServer(): Promise<void> {
    if (this.server !== undefined) return;
    this.serverEvents = [];
    const trace = new Tracer("server", () => {});
    trace.observe((event) => {
      this.keep(this.serverEvents, event);
    }, SHOWN);
    this.server = await startServer({
      addresses: ["127.0.0.1:0"],
      faults: this.faults,
      trace,
    });
    this.changed();
  }

  /** As a process that is killed: its kernel resets what is open. */
  async killServer(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    for (const one of server.connections) one.reset();
    await server.stop({ drainTimeout: 0 });
    this.changed();
  }

  /** @throws SounderError `EOPTION` where there are no such faults */
  async setFaults(faults: readonly string[]): Promise<void> {
    await this.server?.setFaults(faults);
    this.faults = faults;
    this.changed();
  }

  /** A new client; it connects. @returns its number */
  async open(): Promise<number> {
    const client = new Client(this.clients.length + 1, this.changed);
    this.clients.push(client);
    const trace = new Tracer("client", () => {});
    trace.observe((event) => {
      client.local ??= event.local;
      this.keep(client.events, event);
    }, SHOWN);
    try {
      const address = this.address ?? "127.0.0.1:1";
      client.connection = await connect(address, { trace });
      client.state = "open";
      void client.listen(client.connection);
    } catch (error) {
      client.state = "gone";
      client.say("note", whyOf(error));
    }
    this.changed();
    return client.id;
  }

  /** Sends a line, with its newline. */
  async send(id: number, text: string): Promise<void> {
    const client = this.find(id);
    client?.say("client", text);
    await this.write(client, Buffer.from(`${text}\n`));
  }

  /** The client's FIN: it goes on reading. */
  finish(id: number): void {
    const client = this.find(id);
    if (client?.connection === undefined || client.state !== "open") return;
    client.state = "finished";
    client.say("note", "FIN →");
    client.connection.finish();
  }

  reset(id: number): void {
    const client = this.find(id);
    client?.say("note", "RST →");
    client?.connection?.reset();
  }

  /** It reads no more, and is owed more than buffers hold. */
  async stopReading(id: number): Promise<void> {
    const client = this.find(id);
    if (client?.connection === undefined || client.state !== "open") return;
    client.stopReading();
    client.say("client", `… ${FLOOD} bytes`);
    await this.write(client, Buffer.alloc(FLOOD, "x"));
  }

  readAgain(id: number): void {
    this.find(id)?.readAgain();
  }

  /** The picture of one client's conversation; undefined where there is none. */
  diagram(id: number): Diagram | undefined {
    const client = this.find(id);
    if (client === undefined || client.events.length === 0) return undefined;
    const its = this.serverEvents.filter(
      ({ connection, peer, verb }) =>
        (connection === null && verb !== "waiting") || peer === client.local,
    );
    const notes: string[] = [];
    try {
      const [diagram] = diagramsOf([client.events, its]);
      // Both are of one clock.
      return { ...diagram!, notes };
    } catch {
      return buildDiagram(client.events);
    }
  }

  /** What happened last to one client, on both sides. */
  events(id: number): TraceEvent[] {
    const client = this.find(id);
    if (client === undefined) return [];
    const its = this.serverEvents.filter(({ peer }) => peer === client.local);
    return [...client.events, ...its].toSorted((a, b) => a.at - b.at);
  }

  private find(id: number): Client | undefined {
    return this.clients.find((one) => one.id === id);
  }

  private async write(
    client: Client | undefined,
    bytes: Buffer,
  ): Promise<void> {
    try {
      await client?.connection?.write(bytes);
    } catch (error) {
      client?.say("note", whyOf(error));
    }
  }

  private keep(events: TraceEvent[], event: TraceEvent): void {
    if (events.length < EVENTS) events.push(event);
    this.changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) {
      client.readAgain();
      client.connection?.reset();
    }
    await this.server?.stop({ drainTimeout: 0 });
  }
}
