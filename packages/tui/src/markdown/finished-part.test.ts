import { expect, test } from "vitest";
import { cutMarkdown, MARKDOWN_BEGIN } from "./finished-part.ts";
import { liveTail } from "./live-tail.ts";

/** What is finished after each piece, and whether it goes on with a list. */
function pieces(parts: readonly string[]): { finished: string; isJoined: boolean }[] {
  let place = MARKDOWN_BEGIN;
  let rest = "";
  return parts.flatMap((part) => {
    const cut = cutMarkdown(rest + part, place);
    const { isJoined } = place;
    ({ rest, place } = cut);
    return cut.finished === "" ? [] : [{ finished: cut.finished, isJoined }];
  });
}

test("a point of a list is finished when the next one begins", () => {
  expect(pieces(["- one\n", "- two\n", "  more\n", "- three\n", "\n", "- four\n", "\n", "Words.\n"])).toEqual(
    [
      { finished: "- one\n", isJoined: false },
      { finished: "- two\n  more\n", isJoined: true },
      { finished: "- three\n\n", isJoined: true },
      { finished: "- four\n\n", isJoined: false },
    ],
  );
});

test("points that are numbered by who draws them stay together", () => {
  expect(pieces(["1. one\n", "1. two\n", "1. three\n", "\n", "Words.\n"])).toEqual([
    { finished: "1. one\n1. two\n1. three\n\n", isJoined: false },
  ]);
  expect(pieces(["1. one\n", "2. two\n", "3. three\n"])).toHaveLength(2);
});

test("every line is looked at once", () => {
  const place = cutMarkdown("| a |\n|---|\n| 1 |\n| 2", MARKDOWN_BEGIN).place;
  expect(place.seen).toBe("| a |\n|---|\n| 1 |\n".length);
});

test("of a long block only the end is drawn, from the same place for a while; a table keeps its head", () => {
  const words = "some words that go on ".repeat(5000);
  const tails = Array.from({ length: 60 }, (_, at) => liveTail(words.slice(0, 50_000 + at * 30)));
  expect(Math.max(...tails.map((tail) => tail.length))).toBeLessThan(9000);
  expect(Math.min(...tails.map((tail) => tail.length))).toBeGreaterThan(3000);
  expect(new Set(tails.map((tail) => tail.slice(0, 40))).size).toBeLessThanOrEqual(2);
  const table = `| name | size |\n|:--|--:|\n${"| a file | 12 |\n".repeat(2000)}`;
  expect(liveTail(table).split("\n").slice(0, 3)).toEqual([
    "| name | size |",
    "|:--|--:|",
    "| a file | 12 |",
  ]);
  const emoji = "🎉".repeat(20_000);
  expect(liveTail(emoji.slice(0, -1))).toMatch(/^🎉/u);
  expect(liveTail("short")).toBe("short");
});
