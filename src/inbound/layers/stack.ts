import type { Listenable } from "../../address/endpoint.ts";
import type { AnyHandlers, Layer } from "../../socket/layer.ts";

/** The layers before the handlers, and the connections that they hold back. */
export class LayerStack {
  private readonly used = new Set<Layer>();

  /** @param layersFor an address's layers, the outermost first */
  constructor(
    private readonly layersFor: (place: Listenable) => readonly Layer[],
    private readonly innermost: AnyHandlers,
  ) {}

  /** Handlers for the sockets that are accepted there. */
  handlersFor(place: Listenable): AnyHandlers {
    const layers = this.layersFor(place);
    for (const layer of layers) this.used.add(layer);
    return layers.reduceRight(
      (inner, layer) => layer.wrap(inner),
      this.innermost,
    );
  }

  /** Connections that the layers hold back. */
  get waiting(): number {
    return this.sum((layer) => layer.waiting);
  }

  /** From now on they have `timeout` milliseconds to come through. */
  hurry(timeout: number): void {
    for (const layer of this.used) layer.hurry(timeout);
  }

  /** Resets them. @returns how many there were */
  stop(): number {
    return this.sum((layer) => layer.stop());
  }

  private sum(countOf: (layer: Layer) => number): number {
    return [...this.used].reduce((sum, layer) => sum + countOf(layer), 0);
  }
}
