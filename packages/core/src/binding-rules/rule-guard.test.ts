import type { Effect } from "@quire/tools";
import { expect, test } from "vitest";
import { compileRules } from "./compile-rules.ts";
import { brokenRule, refusalText } from "./rule-guard.ts";

const ROOT = "/p";

function rulesOf(text: string) {
  return compileRules([{ kind: "project", path: `${ROOT}/AGENTS.md`, text }], ROOT).rules;
}

function patch(files: Record<string, [before: string | null, after: string | null]>): Effect {
  const texts = Object.entries(files).map(([name, [before, after]]) => ({
    path: `${ROOT}/${name}`,
    before,
    after,
  }));
  return { kind: "write", paths: texts.map(({ path }) => path), texts: () => texts };
}

function add(name: string, after: string): Effect {
  return patch({ [name]: [null, after] });
}

function run(command: string): Effect {
  return { kind: "command", command, argv: ["bash", "-c", command], cwd: ROOT };
}

async function detailOf(text: string, effect: Effect): Promise<string | null> {
  const place = { home: "/home/me", realPath: (path: string) => path };
  return (await brokenRule([effect], rulesOf(text), place))?.detail ?? null;
}

const ONLY = "Only modify src/api and tests/api.";
const NEVER = "Never modify `migrations/`, `*.lock` or `package.json`.";
const HAND = "Do not edit `src/gen/` by hand.";
const PUSH = "Never run `git push`.";
const FORCE = "Never run `git push --force`.";
const RM = "Never run `rm -rf`.";
const NPM = "Do not use `npm`; use `pnpm`.";
const ANY = "Do not use `any`.";
const LOG = "No console.log in src/.";
/** In pieces: written out, it would count in this file. */
const NOCHECK = ["@ts", "nocheck"].join("-");
const DEPS = "Do not bump dependencies.";
const COMMITS = "Commit messages follow Conventional Commits.";
const BLOCK = "```quire-rules\nban /\\bfoo\\d+\\b/ in src/** except src/x/**\n```";

test.each<[rule: string, name: string, effect: Effect, broken: RegExp]>([
  [ONLY, "a file beside", add("src/web/a.ts", "x"), /src\/web\/a\.ts/],
  [ONLY, "a file at the root", add("README.md", "x"), /README\.md/],
  [ONLY, "one of two files", patch({ "src/api/a.ts": [null, "x"], "b.ts": [null, "x"] }), /b\.ts/],
  [ONLY, "a name that only begins alike", add("src/api2/a.ts", "x"), /src\/api2/],
  [ONLY, "a deletion outside", patch({ "src/web/a.ts": ["x", null] }), /src\/web/],
  [ONLY, "a redirection outside", run("echo x > notes.txt"), /overwrite notes\.txt/],
  [NEVER, "a file below", add("migrations/1/up.sql", "x"), /migrations\/1\/up\.sql/],
  [NEVER, "a pattern at depth", add("a/b/yarn.lock", "x"), /a\/b\/yarn\.lock/],
  [NEVER, "the file itself", patch({ "package.json": ["{}", "{ }"] }), /package\.json/],
  [NEVER, "rm", run("rm migrations/1.sql"), /delete migrations\/1\.sql/],
  [NEVER, "mv in a compound", run("cd migrations && mv 1.sql /tmp/"), /move migrations\/1\.sql/],
  [HAND, "a patch", add("src/gen/a.ts", "x"), /src\/gen\/a\.ts/],
  [PUSH, "the command", run("git push"), /runs git push/],
  [PUSH, "with arguments", run("git push origin HEAD:main"), /git push/],
  [PUSH, "in a compound", run("git add . && git commit -m x; git push"), /git push/],
  [PUSH, "behind options of git", run("git -C . -c x.y=z push"), /git push/],
  [PUSH, "behind --no-pager", run("git --no-pager push"), /git push/],
  [PUSH, "by its path", run("/usr/bin/git push"), /git push/],
  [PUSH, "in a wrapper", run("env A=1 timeout 5 git push"), /git push/],
  [PUSH, "in another shell", run(`bash -c "git push"`), /git push/],
  [PUSH, "in a substitution", run("echo $(git push)"), /git push/],
  [PUSH, "in a loop", run("for r in a b; do git push $r; done"), /git push/],
  [PUSH, "through xargs", run("echo main | xargs git push origin"), /git push/],
  [PUSH, "typed into a shell", { kind: "input", processId: "1", text: "git push\n" }, /git push/],
  [FORCE, "the option behind", run("git push origin main --force"), /--force/],
  [FORCE, "its short form", run("git push -f"), /--force/],
  [RM, "other order", run("rm -fr build"), /rm -rf/],
  [RM, "two options", run("rm -r -f build"), /rm -rf/],
  [NPM, "any use", run("npm test"), /npm/],
  ["Never run `npm install`.", "its short name", run("npm i lodash"), /npm install/],
  ["Never run `npm test`.", "its long name", run("npm run test"), /npm test/],
  [ANY, "a type", add("a.ts", "const x: any = 1;\n"), /a\.ts:1 adds any: const x: any = 1;/],
  [ANY, "an assertion", add("a.tsx", "\nfoo(x as any);\n"), /a\.tsx:2/],
  [ANY, "a parameter of a type", add("a.ts", "let m: Map<string, any>;\n"), /a\.ts:1/],
  [
    ANY,
    "one more than before",
    patch({ "a.ts": ["let a: any;\n", "let a: any;\nlet b: any;\n"] }),
    /a\.ts:2/,
  ],
  [LOG, "in the folder", add("src/a.js", "console.log(1)\n"), /src\/a\.js:1/],
  ["Never use `lodash`.", "an import", add("a.ts", 'import x from "lodash";\n'), /lodash/],
  ["Do not leave TODO comments.", "a comment", add("a.py", "# TODO: later\n"), /TODO/],
  [`Never use \`${NOCHECK}\`.`, "the directive", add("a.ts", `// ${NOCHECK}\n`), /-nocheck/],
  ["No default exports.", "a default export", add("a.ts", "export default 1;\n"), /export default/],
  [BLOCK, "the expression", add("src/a.md", "see foo12\n"), /foo12/],
  [
    DEPS,
    "a version",
    patch({ "package.json": ['{"dependencies":{"a":"1"}}', '{"dependencies":{"a":"2"}}'] }),
    /"dependencies" differs/,
  ],
  [DEPS, "a lock file", patch({ "x/package-lock.json": ["1", "2"] }), /package-lock\.json/],
  [
    DEPS,
    "a Cargo table",
    patch({ "Cargo.toml": ["[dependencies]\n", '[dependencies]\nserde = "1"\n'] }),
    /serde/,
  ],
  [
    DEPS,
    "a Python list",
    patch({
      "pyproject.toml": [
        '[project]\ndependencies = [\n"a",\n]\n',
        '[project]\ndependencies = [\n"a",\n"b",\n]\n',
      ],
    }),
    /"b"/,
  ],
  [DEPS, "requirements", patch({ "requirements.txt": ["a==1\n", "a==2\n"] }), /a==2/],
  [
    DEPS,
    "go.mod",
    patch({ "go.mod": ["module x\n", "module x\nrequire github.com/a/b v1.2.3\n"] }),
    /github\.com/,
  ],
  [COMMITS, "a message", run('git commit -m "Fixed it"'), /"Fixed it" does not have the form/],
  [COMMITS, "behind -am", run("git commit -am 'wip'"), /wip/],
])("%s is broken by %s", async (rule, _, effect, broken) => {
  expect(await detailOf(rule, effect)).toMatch(broken);
});

test.each<[rule: string, name: string, effect: Effect]>([
  [ONLY, "a file in one of the folders", add("src/api/deep/a.ts", "x")],
  [ONLY, "a file outside the project", patch({ "../elsewhere.txt": [null, "x"] })],
  [ONLY, "a command that reads", run("cat README.md")],
  [ONLY, "a temporary file", run("npm test > /tmp/log.txt 2>&1")],
  [NEVER, "a name that only begins alike", add("migrations-old/a.sql", "x")],
  [NEVER, "the same name deeper", add("web/package.json", "x")],
  [NEVER, "reading it", run("cat migrations/1.sql package.json")],
  [HAND, "a generator", run("rm -r src/gen/old && node gen.js")],
  [PUSH, "git pull", run("git pull")],
  [PUSH, "git stash push", run("git stash push")],
  [PUSH, "a word in a text", run("echo 'never git push here'")],
  [PUSH, "a search for it", run('grep -rn "git push" $(ls)')],
  [PUSH, "a commit that mentions it", run('git commit -m "docs: say git push"')],
  [FORCE, "a plain push", run("git push origin main")],
  [FORCE, "with lease, which is another option", run("git push --force-with-lease")],
  [RM, "one of the options", run("rm -f a.txt")],
  [NPM, "another program", run("pnpm test && npx --version")],
  [ANY, "a word in a comment", add("a.ts", "// any value: any\n/* x: any */ const x = 1;\n")],
  [ANY, "a word in a string", add("a.ts", 'const x = "a: any";\n')],
  [ANY, "a name", add("a.ts", "if (list.any(x)) many(anyone, any);\n")],
  [ANY, "prose", add("a.md", "Do not use x: any here.\n")],
  [ANY, "another language", add("a.py", "def f(x: any): pass\n")],
  [ANY, "a line that had it", patch({ "a.ts": ["let a: any = 1;\n", "let a: any = 2;\n"] })],
  [ANY, "a line that moved", patch({ "a.ts": ["x\nlet a: any;\n", "x\n"], "b.ts": [null, "let a: any;\n"] })],
  [ANY, "a removal", patch({ "a.ts": ["let a: any;\n", "let a: number;\n"] })],
  [LOG, "another folder", add("scripts/a.js", "console.log(1)\n")],
  [LOG, "a comment", add("src/a.js", "// console.log(1)\n")],
  ["Never use `lodash`.", "a longer name", add("a.ts", 'import x from "lodashes";\nconst lodash2 = 1;\n')],
  [BLOCK, "an exception", add("src/x/a.ts", "foo12\n")],
  [
    DEPS,
    "a script",
    patch({
      "package.json": ['{"dependencies":{"a":"1"}}', '{"dependencies":{"a":"1"},"scripts":{"x":"y"}}'],
    }),
  ],
  [
    DEPS,
    "the version of the package",
    patch({ "package.json": ['{"version":"1.0.0"}', '{"version":"1.0.1"}'] }),
  ],
  [DEPS, "another table", patch({ "Cargo.toml": ['[package]\nname="a"\n', '[package]\nname="b"\n'] })],
  [DEPS, "a comment", patch({ "requirements.txt": ["a==1\n", "# why\na==1\n"] })],
  [COMMITS, "a good message", run('git commit -m "fix(core): the thing"')],
  [COMMITS, "a log", run("git log -m --oneline")],
  [COMMITS, "a message that the text does not hold", run('git commit -m "$msg"')],
])("%s is not broken by %s", async (rule, _, effect) => {
  expect(await detailOf(rule, effect)).toBeNull();
});

test("the model is told the rule, where it stands and what to do", async () => {
  const place = { home: undefined, realPath: (path: string) => path };
  const broken = await brokenRule([run("git push")], rulesOf(`# Rules\n\n- ${PUSH}\n`), place);
  expect(broken && refusalText(broken)).toBe(
    "Not done: this runs git push. /p/AGENTS.md:3 says: Never run `git push`.\nThis rule of the project is enforced. Find a way that keeps it; if the task cannot be done without breaking it, say so.",
  );
});
