import { expect, test } from "bun:test";

import { run, sounder } from "../../support/cli.ts";

const PROXIES =
  "--proxy-protocol wants --allow, to name the proxies that are believed " +
  "(0.0.0.0/0,::/0 is everybody)";

test.each([
  ["--tls-cert=c", "--tls-cert and --tls-key go together"],
  ["--tls-client-ca=c", "--tls-client-ca wants --tls-cert and --tls-key"],
  [
    "--tls-cert=c --tls-key=k",
    "--tls-cert wants an address that begins with tls://",
  ],
  [
    "127.0.0.1:0 --tls-cert=c --tls-key=k",
    "--tls-cert wants an address that begins with tls://",
  ],
  ["tls://127.0.0.1:0 --proxy-protocol", PROXIES],
  ["127.0.0.1:0 --proxy-protocol", PROXIES],
  ["127.0.0.1:0 unix:/none/echo.sock --proxy-protocol", PROXIES],
  ["--workers=2 --trace", "--trace can't be combined with --workers"],
  [
    "127.0.0.1:0 unix:/none/echo.sock --workers=2",
    "--workers can't share unix:/none/echo.sock: only TCP ports can be shared",
  ],
  [
    "fd:3 --workers=2",
    "--workers can't share fd:3: only TCP ports can be shared",
  ],
  [
    "--workers=3 --max-connections=2",
    "--max-connections 2 is too little for 3 workers",
  ],
  [
    "--workers=3 --max-pending=2",
    "--max-pending 2 is too little for 3 workers",
  ],
  ["--admin-host=echo.test", "--admin-host wants --admin"],
  [
    "--fault=tls-expired 127.0.0.1:0",
    "tls-expired wants an address to listen on that begins with tls://, not 127.0.0.1:0",
  ],
  [
    "--fault=backlog-full unix:/none/echo.sock",
    "backlog-full wants a TCP address to listen on, not unix:/none/echo.sock",
  ],
  [
    "--fault=backlog-full --workers=2",
    "backlog-full can't be combined with --workers: none would serve",
  ],
])("sounder server %s is a mistake", async (line, why) => {
  expect(await run(sounder("server", ...line.split(" ")))).toEqual({
    status: 2,
    stdout: "",
    stderr: `sounder: ${why}\n`,
  });
});

test.each([
  [["boo"], /fault "boo", at column 1/],
  [["drop 0"], /fault "drop 0", at column 6: a size of 0/],
  [["rate 1KiB", "rate 2KiB"], /only one rate toward one side/],
  [["refuse", "delay 1ms"], /after refuse there is no connection/],
  [["--seed=x"], /"x" is not a whole number/],
])("faults %j are a mistake", async (faults, why) => {
  const flags = faults.map((fault) =>
    fault.startsWith("--") ? fault : `--fault=${fault}`,
  );
  const outcome = await run(sounder("server", "127.0.0.1:0", ...flags));
  expect(outcome).toMatchObject({ status: 2, stdout: "" });
  expect(outcome.stderr).toMatch(/^sounder: [^\n]+\n$/);
  expect(outcome.stderr).toMatch(why);
});

test("sounder server --proxy-protocol leaves a Unix socket to its file", async () => {
  const path = "unix:/none/echo.sock";
  // No mistake: it gets as far as the folder that is not there.
  expect(await run(sounder("server", path, "--proxy-protocol"))).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^sounder: cannot listen on unix:\/none\//),
  });
});
