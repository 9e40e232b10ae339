/**
 * Whether a shell text runs tests and prints nothing of its own beside them, so that counts in its output may be taken for
 * theirs. Text, not syntax: where it is in doubt the answer is no.
 */
export function isTestCommand(command: string): boolean {
  if (command.length > MOST_CHARACTERS || /[`\n]|\$\(|<<|<\(/.test(command)) return false;
  const parts = command.split(/\s*(?:&&|\|\||;|\|&?|&(?![>&\d]))\s*/).filter((part) => part !== "");
  const kinds = parts.map(kindOf);
  return kinds.includes("test") && !kinds.includes("other");
}

const MOST_CHARACTERS = 2000;

type Kind = "test" | "quiet" | "other";

/** Change the place or the environment, or pass on what comes in; they say nothing by themselves. */
const QUIET =
  /^(?:cd|export|set|unset|source|\.|true|:|sleep|mkdir|rm|tail|head|grep|egrep|sed|exit|pushd|popd|ulimit)$/;
/** May build or install, which prints; but no counts of tests. */
const BUILDS =
  /^(?:npm|pnpm|yarn|bun) (?:ci|i|install|run (?:build|compile|prepare)\S*)\b|^(?:go|cargo) build\b|^pip3? install\b/;

const TESTS: readonly RegExp[] = [
  /^(?:npm|pnpm|yarn|bun) (?:(?:-\S+|--workspaces?|-w \S+) )*(?:t|tst|test|run (?:-\S+ )*(?:t\b|test|unit|spec|e2e|check)[\w:.-]*|test[:\w.-]*|vitest|jest|mocha|ava)(?: |$)/,
  /^(?:vitest|jest|mocha|_mocha|ava|tap|tape|jasmine|karma|bats)(?: |$)/,
  /^node (?:\S+ )*--test\b/,
  /^node (?!-e\b|-p\b|--eval\b|--print\b)(?:--\S+ )*\S*(?:test|spec)\S*\.[cm]?[jt]s(?: |$)/,
  /^(?:pytest|py\.test|tox|nox|nose2?)(?: |$)/,
  /^python[\d.]* (?:-[bBdEiIOqsuv]+ )*-m (?:pytest|unittest|nose2?)(?: |$)/,
  /^python[\d.]* (?:-[bBdEiIOqsuv]+ )*\S*test\S*\.py(?: |$)/,
  /^go test(?: |$)/,
  /^gotestsum(?: |$)/,
  /^cargo (?:\+\S+ )?(?:test|t|nextest run)(?: |$)/,
  /^make (?:-\S+ )*(?:test|tests|check|unit)\S*(?: |$)/,
  /^(?:\.\/)?(?:mvnw?|gradlew?)\b.* test\b/,
  /^(?:rspec|phpunit|vendor\/bin\/phpunit|dotnet test|ctest|mix test|bundle exec rspec|rake test)(?: |$)/,
];

function kindOf(part: string): Kind {
  const words = withoutWrappers(part);
  if (words === "" || QUIET.test(words.split(" ")[0] ?? "")) return "quiet";
  if (TESTS.some((pattern) => pattern.test(words))) return "test";
  return BUILDS.test(words) ? "quiet" : "other";
}

/** Without assignments, redirections and programs that only start another one. */
function withoutWrappers(part: string): string {
  let words = part
    .trim()
    .replace(/\s*(?:\d|&)?>>?\s*(?:&\d|\S+)/g, "")
    .replace(/^[({]\s*|\s*[)}]$/g, "");
  for (let last = ""; last !== words; ) {
    last = words;
    words = words
      .replace(/^(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)\s+)+/, "")
      .replace(/^(?:time|nice|env|command|exec|nohup|xvfb-run|cross-env)\s+/, "")
      .replace(/^timeout (?:-\S+(?: \d\S*)? )*\d\S*\s+/, "")
      .replace(
        /^(?:npx|pnpm exec|pnpm dlx|yarn dlx|bunx|poetry run|uv run|pipenv run|c8|nyc)(?: --?\S+)*\s+/,
        "",
      )
      .replace(/^\S*\/(?=(?:pytest|python[\d.]*|node|vitest|jest|mocha|ava|tap|cargo|go)\b)/, "")
      .replace(/\s+/g, " ");
  }
  return words.trim();
}
