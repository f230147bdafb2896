/**
 * Soaks real servers in connections and abuse, for a bounded time:
 *
 *   bun test/soak/soak.ts [--seconds 60] [--connections 10k]
 *                         [--villains 100] [--seed 1]
 */
import { parseArgs } from "node:util";

import { formatBytes, parseCount } from "../../src/units.ts";
import { soak, type Soaked, type SoakOptions } from "./run.ts";

const FAILED = 1;
const MISTAKE = 2;
/** Seconds for all that comes before and after the abuse: it takes some 40. */
const BESIDES = 600;

function options(): SoakOptions {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      connections: { type: "string", default: "10k" },
      villains: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    seconds: parseCount(values.seconds),
    connections: parseCount(values.connections),
    villains: parseCount(values.villains),
    seed: parseCount(values.seed),
  };
}

function read(): SoakOptions {
  try {
    return options();
  } catch (error) {
    console.error(`soak: ${(error as Error).message}`);
    process.exit(MISTAKE);
  }
}

/** One that hangs has failed, too. */
async function bounded(wanted: SoakOptions): Promise<Soaked> {
  const most = wanted.seconds + BESIDES;
  const late = setTimeout(() => {
    console.error(`soak: not over after ${most} s: somebody waits for ever`);
    process.exit(FAILED);
  }, most * 1000);
  try {
    return await soak(wanted);
  } finally {
    clearTimeout(late);
  }
}

const { faults, growth, notices, verified, seconds, ...counts } =
  await bounded(read());
console.log(
  `${counts.held} connections held, ${counts.dropped} made and dropped, ` +
    `${counts.villains} villains in ${seconds.toFixed(1)} s
${formatBytes(verified)} verified; ${notices.length} lines logged besides ` +
    `those of connections`,
);
for (const { descriptors, memory } of growth) {
  const more = (memory / 1e6).toFixed(1);
  console.log(`a server kept ${descriptors} descriptors, ${more} MB`);
}
if (faults.length > 0) {
  console.error(["faults:", ...faults].join("\n  "));
  console.error(["the servers said:", ...notices].join("\n  "));
}
process.exit(faults.length > 0 ? FAILED : 0);
