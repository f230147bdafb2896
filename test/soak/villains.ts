import { Payload } from "../../src/load/message/payload.ts";
import { dial, PROXY, type Target } from "./target.ts";

type Random = () => number;

/** One connection that misbehaves until it has had enough. */
type Villain = (targets: readonly Target[], random: Random) => Promise<void>;

const KiB = 1024;
const JUNK = new Payload(0).block.subarray(0, 256 * KiB);

/** A socket in bad hands. */
class Rogue {
  readonly gone: Promise<void>;
  private leave = () => {};
  private writable = () => {};
  private socket!: Bun.Socket;

  private constructor() {
    this.gone = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  static async dial(target: Target): Promise<Rogue> {
    const rogue = new Rogue();
    const { promise: isOpen, resolve } = Promise.withResolvers<void>();
    rogue.socket = await dial(target, {
      open: () => resolve(),
      data() {},
      drain: () => rogue.writable(),
      end: (socket) => void socket.end(),
      close: () => rogue.leave(),
    });
    await Promise.race([isOpen, rogue.gone]);
    return rogue;
  }

  /** Sends junk for as long as it is taken, and there is any left to send. */
  async send(bytes: number, patience = 200): Promise<void> {
    let left = bytes;
    while (left > 0) {
      const taken = this.socket.write(JUNK.subarray(0, left));
      if (taken < 0) return;
      left -= taken;
      if (taken > 0) {
        // Others are to have their turn, or those who behave come too late.
        await new Promise(setImmediate);
        continue;
      }
      const room = new Promise<boolean>((resolve) => {
        this.writable = () => resolve(true);
      });
      if (!(await Promise.race([room, this.after(patience)]))) return;
    }
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** Stays for so long, or until it is thrown out. */
  stay(ms: number): Promise<unknown> {
    return Promise.race([Bun.sleep(ms), this.gone]);
  }

  ignore(): void {
    this.socket.pause();
  }

  listen(): void {
    this.socket.resume();
  }

  finish(): void {
    this.socket.shutdown();
  }

  reset(): void {
    this.socket.terminate();
  }

  private async after(ms: number): Promise<false> {
    await this.stay(ms);
    return false;
  }
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}

const of = (targets: readonly Target[], kind: Target["kind"]) =>
  targets.find((target) => target.kind === kind)!;

/** Sends, and does not read; in the end it reads after all, or resets. */
const stalls: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  rogue.ignore();
  await rogue.send(random() * 16 * KiB * KiB);
  await rogue.stay(random() * 2000);
  if (random() < 0.5) {
    rogue.listen();
    rogue.finish();
    await rogue.stay(1000);
  }
  rogue.reset();
};

/** Resets with bytes under way in both directions. */
const resets: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  await rogue.send(random() * 512 * KiB, 0);
  rogue.reset();
};

/** Sends byte by byte. */
const drips: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  for (let left = 20 * random(); left > 0; left -= 1) {
    rogue.write("x");
    await rogue.stay(random() * 100);
  }
  rogue.finish();
  await rogue.gone;
};

/** Sends as much as is taken, and reads as much. */
const floods: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  await rogue.send(random() * 8 * KiB * KiB);
  if (random() < 0.5) rogue.finish();
  else rogue.reset();
  await rogue.gone;
};

/** Sends its FIN, and then does not read what it is owed. */
const halfCloses: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  rogue.ignore();
  await rogue.send(random() * 4 * KiB * KiB);
  rogue.finish();
  await rogue.stay(random() * 1000);
  rogue.reset();
};

/** The beginning of a ClientHello that says to be longer than it is. */
const HELLO = Buffer.from("16030100c8010000c40303", "hex");

/** To TLS: junk, or a handshake that stops half-way, or nothing at all. */
const garblesTls: Villain = async (targets, random) => {
  const { port } = of(targets, "tls");
  const rogue = await Rogue.dial({ kind: "plain", port });
  if (random() < 0.7) rogue.write(HELLO.subarray(0, random() * 20));
  if (random() < 0.7) rogue.write(JUNK.subarray(0, random() * 1000));
  await rogue.stay(random() * 3000);
  rogue.reset();
};

/** A header of version 2 that says to be 65,535 bytes long. */
const LONG = Buffer.from("0d0a0d0a000d0a515549540a2111ffff", "hex");

/** To the PROXY protocol: half a header, and junk. */
const garblesProxy: Villain = async (targets, random) => {
  const { port } = of(targets, "proxied");
  const rogue = await Rogue.dial({ kind: "plain", port });
  const header = pick([Buffer.from(PROXY), LONG], random);
  rogue.write(header.subarray(0, random() * header.length));
  if (random() < 0.7) rogue.write(JUNK.subarray(0, random() * 1000));
  if (random() < 0.5) rogue.finish();
  await rogue.stay(random() * 3000);
  rogue.reset();
};

/** Speaks the wrong one of all the protocols. */
const mistakes: Villain = async (targets, random) => {
  const { port } = pick(targets, random);
  const rogue = await Rogue.dial({ kind: "proxied", port });
  await rogue.send(random() * 64 * KiB, 0);
  rogue.finish();
  await rogue.stay(random() * 1000);
  rogue.reset();
};

const VILLAINS = [
  stalls,
  resets,
  drips,
  floods,
  halfCloses,
  garblesTls,
  garblesProxy,
  mistakes,
];

/** One villain after the other. @returns how many there were */
export async function misbehave(
  targets: readonly Target[],
  random: Random,
  over: AbortSignal,
): Promise<number> {
  let count = 0;
  while (!over.aborted) {
    await pick(VILLAINS, random)(targets, random);
    count += 1;
  }
  return count;
}

/** One of those who come and go. */
export const leaves: Villain = async (targets, random) => {
  const rogue = await Rogue.dial(pick(targets, random));
  if (random() < 0.5) rogue.write("hello");
  if (random() < 0.5) rogue.finish();
  else rogue.reset();
  await rogue.gone;
};
