import { expect, test } from "bun:test";

import { Program, run, sounder } from "../../support/cli.ts";
import { launch, visit } from "../../support/browser.ts";
import { peerProgram } from "../../support/peer.ts";

const chromium = peerProgram("chromium");

async function start() {
  const program = new Program(sounder("learn"));
  const reader = program.child.stdout.getReader();
  const { value } = await reader.read();
  const url = new TextDecoder().decode(value).trim();
  return { program, url };
}

test("the page is steered by those who have its token alone", async () => {
  const { program, url } = await start();
  await using _program = program;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await (await fetch(url)).text();
  const [, token] = /name="token" content="(\w+)"/.exec(page)!;
  const act = (headers: Record<string, string>) =>
    fetch(`${url}do`, { method: "POST", headers, body: '{"act":"open"}' });
  expect((await act({})).status).toBe(401);
  expect((await act({ Authorization: `Bearer ${token}` })).status).toBe(200);
  const rebound = await fetch(url, { headers: { Host: "evil.example" } });
  expect(rebound.status).toBe(421);
  const picture = await fetch(`${url}picture.svg?client=2`);
  expect(await picture.text()).toContain("<svg");
  const code = await fetch(`${url}code?file=handlers.ts`);
  expect(await code.text()).toContain("export function echoHandlers");
  expect((await fetch(`${url}code?file=constructor`)).status).toBe(404);
  program.child.kill("SIGINT");
  expect(await program.ended()).toBe(130);
});

test.skipIf(chromium === undefined)(
  "a line that is typed is in the picture",
  async () => {
    const { program, url } = await start();
    await using _program = program;
    const browser = await launch(chromium!);
    try {
      const look = { width: 360, theme: "dark" } as const;
      await using visited = await visit(browser, new URL(url), look);
      const { page, said, requests } = visited;
      await page.selectOption("#language", "zh");
      await page.getByText("一次 TCP 会话").waitFor();
      await page.selectOption("#language", "en");
      await page.fill("#text", "hello");
      await page.keyboard.press("Enter");
      await page.locator("#lines .server").waitFor();
      const lines = await page.locator("#lines").innerText();
      expect(lines).toMatch(/\] hello/);
      const lesson = page.getByText("The client reads the answer");
      await lesson.first().waitFor();
      await page.check("#how-thread");
      await page.getByText("blocked in accept()").waitFor();
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(360);
      expect({ said, requests }).toEqual({ said: [], requests: [] });
    } finally {
      await browser.close();
    }
  },
);

test("the terminal has the conversation beside its picture", async () => {
  const input = "hello\n\n";
  const { status, stdout } = await run(
    sounder("learn", "--terminal", "--language", "en"),
    input,
  );
  expect(status).toBe(0);
  expect(stdout).toContain("> hello");
  expect(stdout).toContain("SYN-ACK");
  expect(stdout).toContain("closed first");
});
