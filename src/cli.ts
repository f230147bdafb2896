#!/usr/bin/env bun
import { version } from "../package.json" with { type: "json" };

const [first] = process.argv.slice(2);
// Scripts ask for it often: the command line's parser is not loaded for it.
if (first === "--version" || first === "-V") {
  console.log(version);
} else {
  const { run } = await import("./commands/program.ts");
  // While a top-level await is pending, an uncaught error would end nothing.
  void run(process.argv).then((status) => process.exit(status));
}
