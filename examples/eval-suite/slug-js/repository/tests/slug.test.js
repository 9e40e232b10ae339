import assert from "node:assert/strict";
import { test } from "node:test";
import { slug } from "../slug.js";

test("words are joined", () => {
  assert.equal(slug("Two words"), "two-words");
});

test("no hyphen at either end", () => {
  assert.equal(slug("  Two  words "), "two-words");
});
