import { expect, test } from "vitest";
import { spreadImages } from "./image-words.ts";

test.each([
  ["-i a.png b.png -- go", "-i a.png -i b.png -- go"],
  ["--image a b -- go", "--image a --image b -- go"],
  ["-i a.png go", "-i a.png go"],
  ["-i a.png b.JPEG go --json", "-i a.png -i b.JPEG go --json"],
  ["-i a.png --json b.png", "-i a.png --json b.png"],
  ["-- -i a.png b.png", "-- -i a.png b.png"],
  ["-i", "-i"],
  ["-i a -i b c -- go", "-i a -i b -i c -- go"],
])("%s is read as %s", (words, expected) => {
  expect(spreadImages(words.split(" ")).join(" ")).toBe(expected);
});
