/** What a repository says of itself, as far as it tells how to run its tests. */
export interface TestFacts {
  /** `scripts.test` of package.json; null without one. */
  script: string | null;
  /** Whether Python tests are there, and whether they are written for pytest. */
  python: "pytest" | "unittest" | null;
  hasGoModule: boolean;
  hasCargoManifest: boolean;
  /** Whether a Makefile has the target `test`. */
  hasMakeTarget: boolean;
}

/** A way to run the tests that a repository names, or that its files make likely. */
export interface NamedTests {
  kind: "script" | "pytest" | "unittest" | "go" | "cargo" | "make";
  /** Shell text; `npm test` stands for the package manager at hand. */
  command: string;
}

/** `npm init` writes a test script that only says that there is none; one that waits for changes never ends. */
export function isRealTestScript(script: string): boolean {
  return !/no test specified|--watch\b(?!=false)/.test(script);
}

/** The ways to run the tests, the most telling first. */
export function namedTests(facts: TestFacts): NamedTests[] {
  const found: NamedTests[] = [];
  if (facts.script !== null && isRealTestScript(facts.script))
    found.push({ kind: "script", command: "npm test" });
  if (facts.python === "pytest") found.push({ kind: "pytest", command: "python3 -m pytest -q" });
  if (facts.python === "unittest") found.push({ kind: "unittest", command: "python3 -m unittest" });
  if (facts.hasGoModule) found.push({ kind: "go", command: "go test ./..." });
  if (facts.hasCargoManifest) found.push({ kind: "cargo", command: "cargo test" });
  if (facts.hasMakeTarget) found.push({ kind: "make", command: "make test" });
  return found;
}
