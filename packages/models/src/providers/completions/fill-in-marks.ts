interface Marks {
  prefix: string;
  suffix: string;
  middle: string;
}

/** The marks of model families, as their publishers document them for filling in the middle. */
const FAMILIES: readonly (readonly [name: RegExp, marks: Marks])[] = [
  [/qwen|codegemma/i, { prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", middle: "<|fim_middle|>" }],
  [
    /starcoder|granite|stable-?code|santa/i,
    { prefix: "<fim_prefix>", suffix: "<fim_suffix>", middle: "<fim_middle>" },
  ],
  [/deepseek/i, { prefix: "<｜fim▁begin｜>", suffix: "<｜fim▁hole｜>", middle: "<｜fim▁end｜>" }],
  [/code-?llama/i, { prefix: "<PRE> ", suffix: " <SUF>", middle: " <MID>" }],
];

/** The prompt with its marks; null for a model whose marks nobody told us. */
export function withMarks(model: string, before: string, after: string): string | null {
  const marks = FAMILIES.find(([name]) => name.test(model))?.[1];
  if (marks === undefined) return null;
  return `${marks.prefix}${before}${marks.suffix}${after}${marks.middle}`;
}
