/** A server in a process of its own, told what to do by its parent. */
import { startServer } from "../../src/server/server.ts";

const server = await startServer(JSON.parse(process.argv[2]!));
process.send!(server.addresses);
process.on("message", () => process.send!(server.tally));
process.on("disconnect", () => process.exit());
