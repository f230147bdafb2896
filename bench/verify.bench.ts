/** What it costs to verify a chunk, the ways there are beside each other. */
import { bench, do_not_optimize, run, summary } from "mitata";

import { Payload } from "../src/load/message/payload.ts";

const payload = new Payload(1);
const { block } = payload;

/** Connections, each at a place of its own. */
const CONNECTIONS = 64;

for (const size of [64, 1024, 16_384, 524_288]) {
  const places = Array.from({ length: CONNECTIONS }, (_, connection) =>
    payload.startOf(connection),
  );
  const chunks = places.map((at) => Buffer.from(block.subarray(at, at + size)));
  let turn = 0;
  const next = () => (turn = (turn + 1) % CONNECTIONS);

  summary(() => {
    bench(`${size} bytes, matches()`, () => {
      const n = next();
      return do_not_optimize(payload.matches(chunks[n]!, places[n]!));
    }).baseline();
    bench(`${size} bytes, a view and equals()`, () => {
      const n = next();
      const place = places[n]!;
      const view = block.subarray(place, place + size);
      return do_not_optimize(chunks[n]!.equals(view));
    });
    bench(`${size} bytes, a loop`, () => {
      const n = next();
      const chunk = chunks[n]!;
      const place = places[n]!;
      let difference = 0;
      for (let at = 0; at < size; at += 1) {
        difference |= chunk[at]! ^ block[place + at]!;
      }
      return do_not_optimize(difference === 0);
    });
  });
}

await run({ throw: true });
