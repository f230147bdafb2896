// What Node.js gets for `import "sounder"`.
throw new Error(
  "sounder runs on Bun (https://bun.com), not on Node.js: start this program with bun",
);
