/** What a script of the live page exports; elsewhere it is imported as text. */
export function pageScript(name: string) {
  return import(`../../src/admin/page/${name}.browser.js`);
}
