/** Why a new connection would not be served. */
export const UNREADY = {
  draining: "draining",
  "no-files": "no file descriptors left: new connections are refused",
  "no-worker": "no worker process serves",
} as const;

export type Unready = keyof typeof UNREADY;

export function isUnready(value: unknown): value is Unready {
  return typeof value === "string" && Object.hasOwn(UNREADY, value);
}
