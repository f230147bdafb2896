import { connectCheck } from "./connect/connect.ts";
import { echoCheck } from "./echo/echo.ts";
import { halfCloseCheck } from "./half-close/half-close.ts";
import { serverFinish } from "./server-finish/server-finish.ts";
import { resetToClient } from "./reset/to-client.ts";
import { resetToServer } from "./reset/to-server.ts";
import { idleCheck } from "./idle/idle.ts";
import { joinCheck } from "./join/join.ts";
import { mtuCheck } from "./mtu/mtu.ts";
import { terminatedCheck } from "./terminated/terminated.ts";
import { limitCheck } from "./limit/limit.ts";
import { backendsCheck } from "./backends.ts";
import { addressCheck } from "./address.ts";
import { transferCheck } from "./transfer/transfer.ts";
import { lifetimeCheck } from "./lifetime/lifetime.ts";
import type { Check } from "./check.ts";

/** All checks, in the order of the table. */
export const CHECKS: readonly Check[] = [
  connectCheck,
  echoCheck,
  halfCloseCheck,
  serverFinish,
  resetToClient,
  resetToServer,
  idleCheck,
  terminatedCheck,
  mtuCheck,
  joinCheck,
  limitCheck,
  backendsCheck,
  addressCheck,
  transferCheck,
  lifetimeCheck,
];
