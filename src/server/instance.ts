import { randomBytes } from "node:crypto";

/** This process, as its answers name it: unique among those of a service. */
export const INSTANCE = randomBytes(4).toString("hex");
