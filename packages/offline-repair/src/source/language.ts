/** Languages the engine can edit. TypeScript is JavaScript with types, which templates never see. */
export type Language = "python" | "javascript" | "typescript";

const BY_EXTENSION = new Map<string, Language>([
  ["py", "python"],
  ["js", "javascript"],
  ["cjs", "javascript"],
  ["mjs", "javascript"],
  ["jsx", "javascript"],
  ["ts", "typescript"],
  ["mts", "typescript"],
  ["cts", "typescript"],
  ["tsx", "typescript"],
]);

/** The language of a path by its extension, null for everything the engine does not edit. */
export function languageOf(path: string): Language | null {
  return BY_EXTENSION.get(path.slice(path.lastIndexOf(".") + 1)) ?? null;
}

/**
 * Paths that hold tests. Written so that Python and JavaScript read it alike: the drivers use the same text, and what
 * it matches is never edited.
 */
export const TEST_PATH_PATTERN =
  "(^|/)(tests?|__tests__|specs?|testing|__mocks__|fixtures?|testdata)/" +
  "|(^|/)(test_[^/]*|[^/]*_tests?|tests?|conftest|spec)\\.py$" +
  "|(^|/)([^/]*[._-](test|tests|spec|specs)|(test|tests|spec|specs)([._-][^/]*)?)\\.[cm]?[jt]sx?$";

const TEST_PATH = new RegExp(TEST_PATH_PATTERN);

/** True for a file of tests or test data, by its path relative to the repository. */
export function isTestPath(path: string): boolean {
  return TEST_PATH.test(path);
}
