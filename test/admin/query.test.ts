import { describe, expect, test } from "bun:test";

import { parseQuery } from "../../src/admin/query.ts";

const parse = (text: string) => parseQuery(new URLSearchParams(text));

describe("parseQuery()", () => {
  test("parseQuery() reads search and limit", () => {
    expect(parse("search=10.0.%26&limit=500")).toEqual({
      search: "10.0.&",
      limit: 500,
    });
  });

  test("parseQuery() reads by what to sort", () => {
    expect(parse("sort=peer").sort).toEqual({ by: "peer", descending: false });
    expect(parse("sort=-sent").sort).toEqual({ by: "sent", descending: true });
  });

  test.each(["", "-", "--sent", "rate", "__proto__", "-constructor"])(
    "parseQuery() rejects to sort by %p",
    (sort) => {
      expect(() => parse(`sort=${sort}`)).toThrow(
        new RangeError("sort is not the name of a column"),
      );
    },
  );

  test("parseQuery() lists a hundred of all where nothing is said", () => {
    expect(parse("")).toEqual({ search: "", limit: 100 });
  });

  test.each(["0", "1001", "-1", "1.5", "1e2", "", "ten", "99999999999"])(
    "parseQuery() rejects a limit of %p",
    (limit) => {
      expect(() => parse(`limit=${limit}`)).toThrow(
        new RangeError("limit is not a number from 1 to 1000"),
      );
    },
  );

  test("parseQuery() rejects a search longer than any name", () => {
    expect(parse(`search=${"a".repeat(200)}`).search).toHaveLength(200);
    expect(() => parse(`search=${"a".repeat(201)}`)).toThrow(
      new RangeError("search is longer than 200 characters"),
    );
  });
});
