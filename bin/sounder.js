#!/usr/bin/env bun
if (typeof Bun === "undefined") {
  process.stderr.write(
    "sounder: needs Bun (https://bun.com), not Node.js: npx --yes bun@1.4.5 x sounder\n",
  );
  process.exit(1);
}
await import("../lib/cli.js");
