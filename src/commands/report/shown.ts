import type { PageOptions } from "../../report/text/page.ts";

/** What a report shows, in each form. */
export interface Shown {
  page(options: PageOptions): string;
  html(): string;
  json: unknown;
  /** Why its verdict is not "pass", where it isn't; a comparison has none. */
  failed?: string | undefined;
}
