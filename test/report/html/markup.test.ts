import { expect, test } from "bun:test";

import { html, json } from "../../../src/report/html/markup.ts";

test("html`` escapes text, in elements and in attributes", () => {
  const evil = `"><script>alert('&')</script>`;
  expect(html`<b title="${evil}">${evil}</b>`.text).toBe(
    '<b title="&quot;&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;">' +
      "&quot;&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;</b>",
  );
});

test("html`` shows what would hide or turn around the text beside it", () => {
  const { text } = html`<pre>${"rm \u202e\u0008x\ty"}</pre>`;
  expect(text).toBe("<pre>rm \\u202e\\x08x\\ty</pre>");
});

test("html`` takes markup as it is, numbers, lists, and nothing", () => {
  const rows = [1, 2].map((row) => html`<i>${row}</i>`);
  expect(html`<p>${rows}${null}${false}${html`<b>x</b>`}</p>`.text).toBe(
    "<p><i>1</i><i>2</i><b>x</b></p>",
  );
});

test("json() can't be ended from within", () => {
  const evil = { text: "</script><!--<script>" };
  const { text } = json(evil);
  expect(text).not.toContain("<");
  expect(JSON.parse(text)).toEqual(evil);
});
