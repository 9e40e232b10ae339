/** How exercises of one language are tested. */
export interface ExerciseLanguage {
  readonly name: string;
  /** Run by `bash -c` in a copy of the exercise; `TESTS` stands for its test files. */
  readonly command: string;
  /** Tests that the exercise leaves for later are switched on: the benchmark runs them all. */
  readonly switchOn: (test: string) => string;
}

const asItIs = (test: string): string => test;

/**
 * The six languages of Aider's polyglot benchmark. Exercism's JavaScript tests are skipped after the first (`xtest`), its
 * Java tests are disabled by an annotation, its Rust tests are marked as ignored.
 */
export const LANGUAGES: readonly ExerciseLanguage[] = [
  { name: "python", command: "python3 -B -m pytest -q -p no:cacheprovider TESTS", switchOn: asItIs },
  {
    name: "javascript",
    command: "npm test --silent",
    switchOn: (test) => test.replaceAll(/\bxtest\(/g, "test(").replaceAll(/\bxit\(/g, "it("),
  },
  { name: "go", command: "go test ./...", switchOn: asItIs },
  { name: "rust", command: "cargo test --offline --quiet -- --include-ignored", switchOn: asItIs },
  {
    name: "java",
    command: "bash ./gradlew test --offline --quiet",
    switchOn: (test) => test.replaceAll(/^\s*@Disabled\([^)]*\)[ \t]*\r?\n/gm, ""),
  },
  {
    name: "cpp",
    command: "mkdir -p build && cd build && cmake -DEXERCISM_RUN_ALL_TESTS=1 .. && make",
    switchOn: asItIs,
  },
];
