import { isSecure, type Listenable } from "../../address/endpoint.ts";
import type { Admission } from "../../faults/admit.ts";
import { FaultGate, FaultPermit } from "../../faults/gate.ts";
import type { FaultEvent } from "../../faults/link.ts";
import type { Fault } from "../../protocol/faults/fault.ts";
import { formatFault } from "../../protocol/faults/print.ts";
import type { Layer } from "../../socket/layer.ts";
import type { Permit } from "../../socket/wire.ts";
import type { ServerTls } from "../layers/tls.ts";
import type { Door } from "../listen/door.ts";
import { checkedFaults } from "./checked.ts";
import { type Identities, identitiesFor, keyOf } from "./identities.ts";

export interface FaultControlOptions {
  places: readonly Listenable[];
  seed: number;
  onFault(event: FaultEvent): void;
  /** What a change that nobody awaits failed with. */
  failed(error: unknown): void;
  /** Puts faults on all connections that are open. */
  put(admissionOf: (id: number) => Admission): void;
}

/**
 * The faults of what listens: on the connections that come, on those that are
 * open, and on where they come in; changed all at once.
 */
export class FaultControl {
  private readonly gate: FaultGate;
  private readonly layers: { plain: Layer; secure: Layer };
  private list: readonly Fault[] = [];
  /** What `list` will be once its certificates are made. */
  private asked: readonly Fault[] = [];
  private identities: Identities = new Map();
  /** How often faults were set: the last counts. */
  private changes = 0;

  constructor(
    private readonly options: FaultControlOptions,
    private readonly door: () => Door,
  ) {
    const { seed, onFault } = options;
    this.gate = new FaultGate({ faults: () => this.list, seed, onFault });
    this.layers = {
      plain: this.gate.layer(false),
      secure: this.gate.layer(true),
    };
  }

  /** To lie behind what knows who a connection is, and before TLS. */
  layersFor(place: Listenable): readonly Layer[] {
    return [isSecure(place) ? this.layers.secure : this.layers.plain];
  }

  /** What a connection is shown: `usual`, where no fault says otherwise. */
  identityOf(permit: Permit | undefined, usual: ServerTls): ServerTls {
    const wrong =
      permit instanceof FaultPermit ? permit.admission.certificate : [];
    const faulty = this.identities.get(keyOf(wrong));
    if (faulty === undefined) return usual;
    const { cert, key } = faulty;
    return { cert, key, clientCa: usual.clientCa };
  }

  /** Who signed the certificates of faults: PEM texts. */
  get authorities(): string {
    const all = [...this.identities.values()];
    return all.map(({ ca }) => `${ca.trimEnd()}\n`).join("");
  }

  get texts(): readonly string[] {
    return this.asked.map(formatFault);
  }

  /** What is done to a connection that is open. */
  admit(id: number): Admission {
    return this.gate.admit(id);
  }

  /** @throws SounderError `EOPTION` */
  set(texts: readonly string[]): void {
    this.check(texts);
    this.change(texts).catch(this.options.failed);
  }

  /**
   * Resolves once new connections meet them, too.
   * @throws SounderError `EOPTION`, or why it can't listen as they want it
   */
  async change(texts: readonly string[]): Promise<void> {
    const faults = this.check(texts);
    const before = this.asked;
    this.asked = faults;
    this.changes += 1;
    const change = this.changes;
    const ofTls = faults.some(({ action }) => action.startsWith("tls-"));
    const isFull = faults.some(({ action }) => action === "backlog-full");
    const identities = ofTls ? await identitiesFor(faults) : this.identities;
    if (change !== this.changes) return;
    try {
      // What comes while it changes meets the faults that are on it.
      if (isFull) await this.door().set(true);
    } catch (error) {
      if (change === this.changes) this.asked = before;
      throw error;
    }
    if (change !== this.changes) return;
    this.list = faults;
    this.identities = identities;
    this.options.put((id) => this.admit(id));
    if (!isFull) await this.door().set(false);
  }

  private check(texts: readonly string[]): readonly Fault[] {
    return checkedFaults("faults", texts, this.options.places);
  }
}
