// As index.ts, for bin/sounder.js.
await import("../src/cli.ts");
