import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RuleCheck } from "./binding-rule.ts";
import { compileRules } from "./compile-rules.ts";
import { matchesAny } from "./path-pattern.ts";

function checksOf(text: string): RuleCheck[] {
  return compileRules([{ kind: "project", path: "/p/AGENTS.md", text }], "/p").rules.map(
    ({ check }) => check,
  );
}

/** A rule in a few words, so that a table can be read. */
function brief(check: RuleCheck): string {
  switch (check.kind) {
    case "only_paths":
      return `only ${check.paths.join(" ")}`;
    case "never_paths":
      return `never ${check.paths.length > 4 ? "…" : check.paths.join(" ")}${check.byHand ? " by hand" : ""}`;
    case "run_command":
      return `run ${check.command}`;
    case "never_command":
      return `never run ${check.command}`;
    case "ban_pattern":
      return `ban ${check.pattern.label}${check.inside.map((path) => ` in ${path}`).join("")}${check.except.map((path) => ` not ${path}`).join("")}`;
    case "no_dependency_changes":
      return "dependencies";
    case "commit_format":
      return `commits ${check.source.slice(0, 30)}`;
    case "tests_accompany":
      return `tests ${check.sources.join(" ")} -> ${check.tests.join(" ")}`;
  }
}

const CONVENTIONAL = "commits ^(?:feat|fix|docs|style|refa";

test.each<[string, string[]]>([
  ["Only modify src/api and tests/api.", ["only src/api tests/api"]],
  ["- **Only modify** files in `src/api/` and `tests/api/`.", ["only src/api/ tests/api/"]],
  ["Modify only `packages/core`.", ["only packages/core"]],
  ["Limit your changes to `src/`, `tests/` and `docs/`.", ["only src/ tests/ docs/"]],
  ["Do not modify anything outside of `app/`.", ["only app/"]],
  ["Never modify `migrations/`.", ["never migrations/"]],
  ["- Don't touch `vendor/**` or `third_party/`: they are copies.", ["never vendor/** third_party/"]],
  ["You must not edit the `legacy` folder.", ["never legacy"]],
  ["Do not edit `src/gen/` by hand.", ["never src/gen/ by hand"]],
  ["`generated/` must not be edited.", ["never generated/"]],
  ["Never edit the tests.", ["never …"]],
  ["Do not modify lock files.", ["never …"]],
  ["Run `npm test` before finishing.", ["run npm test"]],
  ["Always run `npm run lint` and `npm test` before you finish.", ["run npm run lint", "run npm test"]],
  ["Before committing, run `pnpm lint && pnpm test`.", ["run pnpm lint", "run pnpm test"]],
  ["Always run `cargo fmt`.", ["run cargo fmt"]],
  ["Do not forget to run `make check` after every change.", ["run make check"]],
  ["Make sure `go test ./...` passes.", ["run go test ./..."]],
  ["`npm run check` must pass before committing.", ["run npm run check"]],
  ["Never run `git push`.", ["never run git push"]],
  ["Never run git push", ["never run git push"]],
  [
    "1. Do **not** run `rm -rf`, `git reset --hard` or `git clean`!",
    ["never run rm -rf", "never run git reset --hard", "never run git clean"],
  ],
  ["Do not use `npm`; use `pnpm`.", ["never run npm"]],
  ["IMPORTANT: never run `terraform apply`.", ["never run terraform apply"]],
  ["Do not use `any`.", ["ban any"]],
  ["No console.log in src/.", ["ban console.log in src/"]],
  ["- No `any`, no `enum`, no `!`.", ["ban any", "ban enum"]],
  ["Never use `eval` or `document.write` in `web/`.", ["ban eval in web/", "ban document.write in web/"]],
  ["No default exports.", ["ban default exports"]],
  ["Do not leave TODO comments.", ["ban TODO"]],
  ["`lodash` is banned.", ["ban lodash"]],
  ["Do not add new dependencies.", ["dependencies"]],
  ["No dependency bumps.", ["dependencies"]],
  ["Never add, bump or upgrade dependencies without…", []],
  ["Commit messages follow Conventional Commits.", [CONVENTIONAL]],
  ["Use conventional commits.", [CONVENTIONAL]],
  ["Commits: `type(package): what changed`, one idea each.", []],
  ["Commits: `type(package): what changed`.", [CONVENTIONAL]],
  ["Commit format feat/fix/refactor", ["commits ^(?:feat|fix|refactor)(?:\\([^"]],
  ["Prefix commit messages with `feat:`, `fix:` or `chore:`.", ["commits ^(?:feat|fix|chore)(?:\\([^()"]],
  ["Every change in `src/` needs a test in `tests/`.", ["tests src/ -> tests/"]],
  ["Tests must accompany code.", ["tests  -> "]],
  ["Always add tests for every code change.", ["tests  -> "]],
  [
    "## Forbidden commands\n- `git push --force`\n- `npm publish`\n",
    ["never run git push --force", "never run npm publish"],
  ],
  ["Never modify:\n- `a/`\n- `b/`\n\n- `c/`\n", ["never a/", "never b/", "never c/"]],
  ["## Before finishing\n- `npm test`\n", ["run npm test"]],
  [
    "```quire-rules\nonly-paths src/**\nrun npm test -- --run\nban /\\bfoo\\b/ in src/** except src/x/**\n# words\ntests src -> tests\n```",
    ["only src/**", "run npm test -- --run", "ban /\\bfoo\\b/ in src/** not src/x/**", "tests src -> tests"],
  ],
])("%j binds", (text, expected) => {
  expect(checksOf(text).map((check) => brief(check).slice(0, 70))).toEqual(
    expected.map((each) => expect.stringContaining(each)),
  );
});

test.each([
  "Should I run `npm test` before finishing?",
  "Why not run `git push`?",
  "Never run `git push` unless the user asks.",
  "Never run `git push` without asking.",
  "Do not modify `src/` if the build is red.",
  "We never ran `git push` here.",
  'He said: "Never run `git push`."',
  '"Never run `git push`."',
  "> Never run `git push`.",
  "For example, never run `git push`.",
  "Bad: do not use `any`.",
  "Führe niemals `git push` aus.",
  "Nunca ejecutes `git push`.",
  "不要运行 `git push`。",
  "Run `npm test` to run the tests.",
  "Run `npm test`.",
  "- `npm test`: everything; sets up what it needs.",
  "Use `npm test` for the tests.",
  "Tests do not use `any` mocks of the network.",
  "Prefer `unknown` over `any`.",
  "Avoid `any` where possible.",
  "Try not to modify `legacy/`.",
  "Do not modify behaviour in src.",
  "Do not touch the layout too much.",
  "Never run git push on Fridays.",
  "Do not use it.",
  "No problem.",
  "No `utils`, `helpers`, `manager`.",
  "No tests yet.",
  "Only modify what you must.",
  "Editing tests to make them pass is wrong.",
  "Do not edit tests to make them pass.",
  "Don't run `npm test` before finishing.",
  "`git push` was forbidden in the old repository.",
  "| Never run `git push` | yes |",
  "<!-- Never run `git push`. -->",
  "```sh\nNever run `git push`.\n```",
  "```\nDo not use `any`.\n```",
  "    Never run `git push`.",
  "Use `npm`, never surprise the user.",
  "If you run `git push`, tell me.",
  "Never modify `../other`.",
  "Commits are small.",
  "Update dependencies in a change of their own.",
  "The tests are slow; do not run them.",
])("%j stays prose", (text) => {
  expect(checksOf(text)).toEqual([]);
});

test("each statement is reported with its line and why it does not bind", () => {
  const text =
    "# Notes\n\nKeep it simple. Never run `git push`.\nNever run `rm` unless asked.\n\n```quire-rules\nonly-paths /etc\nban /(a+)+$/\nfly\n```\n";
  const { statements } = compileRules([{ kind: "project", path: "/p/AGENTS.md", text }], "/p");
  expect(statements.map(({ line, text: words, standing, why }) => [line, words, standing, why])).toEqual([
    [3, "Keep it simple.", "prose", "not one of the forms that can be checked"],
    [3, "Never run `git push`.", "enforced", ""],
    [4, "Never run `rm` unless asked.", "prose", "it leaves room for judgement"],
    [7, "only-paths /etc", "invalid", '"/etc" is not a path inside this folder'],
    [8, "ban /(a+)+$/", "invalid", "a repeated group can take for ever"],
    [9, "fly", "invalid", 'there is no rule "fly"'],
  ]);
});

test("the block that the documentation shows is understood, every line of it", () => {
  const page = readFileSync(new URL("../../../../docs/agents-md.md", import.meta.url), "utf8");
  const block = /```quire-rules\n[\s\S]*?```/.exec(page)?.[0] ?? "";
  const { statements } = compileRules([{ kind: "project", path: "/p/AGENTS.md", text: block }], "/p");
  expect(statements.length).toBeGreaterThan(9);
  expect(statements.filter(({ standing }) => standing !== "enforced")).toEqual([]);
});

test("no text makes reading fail or take long", () => {
  const marks = [
    "`",
    "```",
    "```quire-rules\n",
    "\n",
    "- ",
    "> ",
    "<!--",
    "-->",
    "never run ",
    "no ",
    " in ",
    ", ",
    "ban /",
    "*",
    "{a,",
    "only modify ",
    ":",
    "(",
    ".",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...marks), fc.string({ maxLength: 6 })), { maxLength: 60 });
  fc.assert(
    fc.property(text, (parts) => {
      const book = compileRules([{ kind: "project", path: "/p/AGENTS.md", text: parts.join("") }], "/p");
      for (const { check } of book.rules) {
        if (check.kind === "ban_pattern") new RegExp(check.pattern.source, "u").test("x".repeat(2000));
        if (check.kind === "only_paths") matchesAny(check.paths, "a/".repeat(200));
      }
    }),
    { numRuns: 300 },
  );
});
