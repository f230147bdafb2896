/**
 * Why a new connection would not be served: a stop has begun, there is no file
 * descriptor left, or none of the worker processes serves.
 */
export type Unready = "draining" | "no-files" | "no-worker";
