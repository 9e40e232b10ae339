import fc from "fast-check";
import { expect, test } from "vitest";
import { expandSavedPrompt, parseSavedPrompt, savedPromptCall } from "./saved-prompt.ts";

test("a prompt's file is taken apart", () => {
  const text = '---\ndescription: "Draft a PR"\nargument-hint: FILE=<path>\nother: x\n---\n\nReview $FILE.\n';
  expect(parseSavedPrompt("draft", text)).toEqual({
    name: "draft",
    description: "Draft a PR",
    argumentHint: "FILE=<path>",
    body: "Review $FILE.",
  });
  expect(parseSavedPrompt("plain", "Just text.")).toMatchObject({ description: null, body: "Just text." });
});

test("placeholders are filled by place and by name, once", () => {
  const body = "$1|$2|$3|$ARGUMENTS|$FILE|$$1|$lower|$0";
  expect(expandSavedPrompt({ body }, `a "b c" FILE='x y'`)).toEqual({
    ok: true,
    text: `a|b c||a "b c" FILE='x y'|x y|$1|$lower|$0`,
  });
  expect(expandSavedPrompt({ body: "$FILE $GOAL" }, "FILE=$GOAL")).toEqual({ ok: false, missing: ["GOAL"] });
});

test("any text is expanded without an error, and a text without placeholders stays", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (body, words) => {
      const expanded = expandSavedPrompt({ body }, words);
      if (!body.includes("$")) expect(expanded).toEqual({ ok: true, text: body });
      const all = expandSavedPrompt({ body: "$ARGUMENTS" }, words);
      expect(all).toEqual({ ok: true, text: words });
      expect(expandSavedPrompt({ body: body.replaceAll("$", "$$$$") }, words)).toEqual({
        ok: true,
        text: body,
      });
      parseSavedPrompt("any", body);
    }),
  );
});

test("a call is told from other text", () => {
  expect(savedPromptCall("/prompts:draft a b")).toEqual({ name: "draft", words: "a b" });
  expect(savedPromptCall("/prompts:draft")).toEqual({ name: "draft", words: "" });
  for (const text of ["/prompts:", "/prompts", "see /prompts:x", "/prompts:../x"])
    expect(savedPromptCall(text)).toBeNull();
});
