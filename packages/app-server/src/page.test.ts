import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOf } from "./page.ts";
import { RpcError } from "./rpc-error.ts";

const id = (entry: string) => entry;

test("pages put together are the list, whatever the limit", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 7 }),
      (entries, limit) => {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: ReturnType<typeof pageOf<string>> = pageOf(entries, id, { cursor, limit });
          seen.push(...page.data);
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(entries);
      },
    ),
  );
});

test("a page can be read back in the other direction, beginning with its own first entry", () => {
  const { backwardsCursor } = pageOf(["a", "b", "c", "d"], id, { cursor: "after:b", limit: 1 });
  expect(pageOf(["d", "c", "b", "a"], id, { cursor: backwardsCursor }).data).toEqual(["c", "b", "a"]);
});

test("entries that come meanwhile shift nothing; a cursor of another list is refused", () => {
  const { nextCursor } = pageOf(["c", "b", "a"], id, { limit: 1 });
  expect(pageOf(["d", "c", "b", "a"], id, { cursor: nextCursor }).data).toEqual(["b", "a"]);
  expect(() => pageOf(["x"], id, { cursor: nextCursor })).toThrow(RpcError);
});
