import { textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import { estimateTokens } from "./estimate-tokens.ts";

/** What o200k_base counts for these texts; gpt-tokenizer 3 said so once. */
const SEQUENCE = Array.from({ length: 400 }, (_, index) => (index * 7919) % 1_000_003);
const COUNTED: readonly (readonly [string, string, number])[] = [
  ["words", "Find the failing test in this project, fix it and run all tests again. ".repeat(40), 641],
  ["Chinese", "请在这个项目中找到失败的测试并修复它，然后运行所有测试以确认没有其他问题。".repeat(20), 460],
  ["numbers", SEQUENCE.join(" "), 1198],
  ["code", "  const found = items.find(({ id }) => id === wanted);\n".repeat(40), 560],
];

test.each(COUNTED)(
  "%s: the estimate is between two thirds and twice the real count",
  (_name, text, counted) => {
    const estimate = estimateTokens({ instructions: "", tools: [], input: [textMessage("user", text)] });
    expect(estimate / counted).toBeGreaterThan(0.66);
    expect(estimate / counted).toBeLessThan(2);
  },
);

test("everything that is sent counts once: instructions, tools, items, the schema; a picture by itself and not by its bytes", () => {
  const tool = { kind: "function", name: "t", description: "x".repeat(350), parameters: {} } as const;
  const base = { instructions: "", tools: [], input: [] };
  expect(estimateTokens({ ...base, instructions: "x".repeat(350) })).toBe(100);
  expect(estimateTokens({ ...base, tools: [tool] })).toBeGreaterThan(100);
  expect(estimateTokens({ ...base, outputSchema: { description: "x".repeat(350) } })).toBeGreaterThan(100);
  const picture = { type: "input_image", image_url: `data:image/png;base64,${"A".repeat(100_000)}` } as const;
  const seen = estimateTokens({ ...base, input: [{ type: "message", role: "user", content: [picture] }] });
  expect(seen).toBeGreaterThan(1500);
  expect(seen).toBeLessThan(1600);
});
