/** Local time is another one until the scope ends. */
export function timeZone(name: string): Disposable {
  const before = process.env["TZ"];
  process.env["TZ"] = name;
  return {
    [Symbol.dispose]() {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    },
  };
}
