import { type Browser, chromium, type Page } from "playwright-core";

/** How somebody looks at a page. */
export interface Look {
  width: number;
  theme: "light" | "dark";
}

/** A page, and what it said and asked for while it was open. */
export interface Visit extends AsyncDisposable {
  page: Page;
  /** Its console, and errors that nobody caught. */
  said: string[];
  /** Addresses that don't begin with its own. */
  requests: string[];
}

/** A browser without a screen; it ends where its scope does. */
export async function launch(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    // Containers seldom allow it the namespaces that its sandbox wants.
    args: ["--no-sandbox"],
  });
}

/** @param place a file's path, or an address */
export async function visit(
  browser: Browser,
  place: string | URL,
  { width, theme }: Look,
): Promise<Visit> {
  const page = await browser.newPage({
    colorScheme: theme,
    viewport: { width, height: 900 },
  });
  const url = typeof place === "string" ? Bun.pathToFileURL(place) : place;
  const address = url.href;
  const said: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  return {
    page,
    said,
    get requests() {
      return requests.filter((one) => !one.startsWith(address));
    },
    [Symbol.asyncDispose]: () => page.close(),
  };
}
