// A checkout has no lib/index.js until it is packed: Bun then takes this file
// for it, so that the sources serve whoever depends on a checkout.
export * from "../src/index.ts";
