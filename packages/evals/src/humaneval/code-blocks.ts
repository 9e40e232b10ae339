/** The fenced code blocks of a Markdown text that bear one of the tags, or none. */
export function codeBlocks(text: string, tags: readonly string[]): string[] {
  const fence = `\`\`\`[ \\t]*(?:${tags.join("|")})?[ \\t]*\\r?\\n([\\s\\S]*?)\`\`\``;
  return [...text.matchAll(new RegExp(fence, "gi"))].map((match) => match[1] ?? "");
}
