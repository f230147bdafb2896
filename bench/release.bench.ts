/** From which size on a chunk's memory is better given back than left. */
import { bench, do_not_optimize, run, summary } from "mitata";

import { releaseBuffer } from "../src/socket/release.ts";

const KiB = 1024;

for (const size of [1 * KiB, 4 * KiB, 16 * KiB, 64 * KiB, 512 * KiB]) {
  const source = Buffer.alloc(size, "c");
  summary(() => {
    bench(`${size / KiB} KiB, left to the collector`, () =>
      do_not_optimize(new Uint8Array(source)),
    ).baseline();
    bench(`${size / KiB} KiB, given back`, () => {
      const { buffer } = new Uint8Array(source);
      // Below the size from which on it does so by itself, too.
      if (size < 16 * KiB) do_not_optimize(buffer.transfer(0));
      else releaseBuffer(buffer);
    });
  });
}

await run({ throw: true });
