import { expect, test } from "bun:test";

import { run, sounder } from "../../support/cli.ts";

test.each([
  [["server", "tls://:0", "--tls-cert=a"], "--tls-key go together"],
  [["server", "tls://:0", "--tls-client-ca=a"], "wants --tls-cert and"],
  [["server", ":0", "--tls-cert=a", "--tls-key=b"], "begins with tls://"],
  [["client", "tls://:1", "--tls-key=a"], "--tls-key go together"],
  [["client", "tls://:1", "--tls-fingerprint=12"], "is not a SHA-256"],
  [["client", ":1", "--tls-server-name=a"], "--tls-server-name wants"],
  [["client", ":1", "--tls-insecure"], "begins with tls://"],
  [["load", ":1", "--tls-ca=a"], "--tls-ca wants an address that begins"],
  [["client", ":1", "--send-proxy=v3"], "--send-proxy"],
])("sounder %j is a mistake", async (args, why) => {
  const { status, stdout, stderr } = await run(sounder(...args));
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^sounder: [^\n]+\n$/);
  expect(stderr).toContain(why);
});
