/** Files that pages carry, imported `with { type: "text" }`. */
declare module "*.css" {
  const text: string;
  export default text;
}

declare module "*.browser.js" {
  const text: string;
  export default text;
}

declare module "*.min.js" {
  const text: string;
  export default text;
}
