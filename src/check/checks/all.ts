import { connectCheck } from "./connect/connect.ts";
import { echoCheck } from "./echo/echo.ts";
import { limitCheck } from "./limit/limit.ts";
import { backendsCheck } from "./backends.ts";
import { addressCheck } from "./address.ts";
import type { Check } from "./check.ts";

/** All checks, in the order of the table. */
export const CHECKS: readonly Check[] = [
  connectCheck,
  echoCheck,
  limitCheck,
  backendsCheck,
  addressCheck,
];
