import { type CustomTool, type Quire, QuireError } from "@quire/sdk";

const stock = new Map([["apple", 3]]);

const stockTool: CustomTool = {
  name: "stock_level",
  description: "How many of an article are in stock.",
  parameters: {
    type: "object",
    properties: { article: { type: "string" } },
    required: ["article"],
    additionalProperties: false,
  },
  run(args) {
    const article =
      typeof args === "object" && args !== null && "article" in args ? String(args.article) : "";
    const level = stock.get(article);
    if (level === undefined) throw new Error(`there is no article "${article}"`);
    return { article, level };
  },
};

/** A tool of this program, within a budget. */
export async function customTool(quire: Quire, repository: string): Promise<string> {
  const thread = quire.startThread({ workingDirectory: repository, tools: [stockTool] });
  try {
    const { finalResponse } = await thread.run("How many apples are there?", {
      maxTokens: 50_000,
      timeoutMs: 60_000,
    });
    return finalResponse;
  } catch (thrown) {
    if (thrown instanceof QuireError && thrown.code === "budget_exceeded")
      return `too expensive: ${thrown.message}`;
    throw thrown;
  }
}
