import fs from "node:fs";
import path from "node:path";
import { isRealTestScript, namedTests, type TestFacts } from "@quire/test-report";
import { type Manifest, manifestIn, readText, targetsIn } from "../agents/manifests.ts";

export type CommandRole = "build" | "test" | "lint" | "types" | "format";

/** A command that something in the repository names, not tried yet. */
export interface FoundCommand {
  role: CommandRole;
  command: string;
  /** The file that names it, or that makes it likely. */
  from: string;
}

const MOST_COMMANDS = 10;

/** What the manifests and CI files of a folder name, the most telling first; one command is listed once. */
export function findCommands(root: string, files: readonly string[]): FoundCommand[] {
  const found = [
    ...fromPackageJson(root),
    ...fromPython(root, files),
    ...fromGo(root),
    ...fromRust(root),
    ...fromMake(root),
    ...fromCi(root),
  ];
  const seen = new Set<string>();
  return found.filter(({ command }) => !seen.has(command) && seen.add(command)).slice(0, MOST_COMMANDS);
}

const SCRIPT_ROLES: readonly (readonly [CommandRole, readonly string[]])[] = [
  ["build", ["build", "compile"]],
  ["test", ["test"]],
  ["lint", ["lint", "check"]],
  ["types", ["typecheck", "type-check", "types", "tsc"]],
  ["format", ["format:check", "fmt:check", "prettier:check"]],
];

/** `npm`, `pnpm`, `yarn` or `bun`: what the manifest says, else whose lock file is there. */
export function packageManager(root: string, manifest: Manifest | null = manifestIn(root)): string {
  const said = /^(npm|pnpm|yarn|bun)@/.exec(manifest?.packageManager ?? "")?.[1];
  if (said !== undefined) return said;
  const locks = [
    ["pnpm-lock.yaml", "pnpm"],
    ["yarn.lock", "yarn"],
    ["bun.lock", "bun"],
    ["bun.lockb", "bun"],
  ] as const;
  return locks.find(([lock]) => fs.existsSync(path.join(root, lock)))?.[1] ?? "npm";
}

function fromPackageJson(root: string): FoundCommand[] {
  const manifest = manifestIn(root);
  const scripts = manifest?.scripts ?? {};
  const manager = packageManager(root, manifest);
  return SCRIPT_ROLES.flatMap(([role, wanted]) =>
    wanted
      .filter((name) => Object.hasOwn(scripts, name) && isRealTestScript(scripts[name] ?? ""))
      .map((name) => {
        const command = name === "test" && manager !== "bun" ? `${manager} test` : `${manager} run ${name}`;
        return { role, command, from: "package.json" };
      }),
  );
}

function fromPython(root: string, files: readonly string[]): FoundCommand[] {
  const pyproject = readText(root, "pyproject.toml");
  const setup = readText(root, "setup.cfg");
  const found: FoundCommand[] = [];
  const tests = files.filter((file) => /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(file));
  const usesPytest =
    /^\[tool\.pytest/m.test(pyproject) ||
    /^\[tool:pytest\]/m.test(setup) ||
    fs.existsSync(path.join(root, "pytest.ini")) ||
    tests.slice(0, 20).some((file) => /^\s*(?:import|from) pytest\b/m.test(readText(root, file)));
  const [first] = tests;
  if (first !== undefined || usesPytest) {
    const from =
      usesPytest && pyproject.includes("[tool.pytest") ? "pyproject.toml" : (first ?? "pytest.ini");
    found.push({ ...testCommand({ python: usesPytest ? "pytest" : "unittest" }), from });
  }
  if (/^\[tool\.ruff/m.test(pyproject))
    found.push({ role: "lint", command: "ruff check .", from: "pyproject.toml" });
  else if (fs.existsSync(path.join(root, "ruff.toml")))
    found.push({ role: "lint", command: "ruff check .", from: "ruff.toml" });
  if (/^\[tool\.mypy/m.test(pyproject))
    found.push({ role: "types", command: "mypy .", from: "pyproject.toml" });
  else if (fs.existsSync(path.join(root, "mypy.ini")))
    found.push({ role: "types", command: "mypy .", from: "mypy.ini" });
  return found;
}

const NO_TESTS: TestFacts = {
  script: null,
  python: null,
  hasGoModule: false,
  hasCargoManifest: false,
  hasMakeTarget: false,
};

/** The command for the one fact that is given; the offline engine and we mean the same by it. */
function testCommand(fact: Partial<TestFacts>): Pick<FoundCommand, "role" | "command"> {
  return { role: "test", command: namedTests({ ...NO_TESTS, ...fact })[0]?.command ?? "" };
}

function fromGo(root: string): FoundCommand[] {
  if (!fs.existsSync(path.join(root, "go.mod"))) return [];
  return [
    { role: "build", command: "go build ./...", from: "go.mod" },
    { ...testCommand({ hasGoModule: true }), from: "go.mod" },
    { role: "lint", command: "go vet ./...", from: "go.mod" },
  ];
}

function fromRust(root: string): FoundCommand[] {
  if (!fs.existsSync(path.join(root, "Cargo.toml"))) return [];
  return [
    { role: "build", command: "cargo build", from: "Cargo.toml" },
    { ...testCommand({ hasCargoManifest: true }), from: "Cargo.toml" },
    { role: "format", command: "cargo fmt --check", from: "Cargo.toml" },
  ];
}

function fromMake(root: string): FoundCommand[] {
  const targets = new Set(targetsIn(root));
  const roles = [
    ["build", "build"],
    ["test", "test"],
    ["lint", "lint"],
    ["lint", "check"],
  ] as const;
  return roles.flatMap(([role, target]) =>
    targets.has(target) ? [{ role, command: `make ${target}`, from: "Makefile" }] : [],
  );
}

const CI_COMMAND =
  /^(?:(?:npm|pnpm|yarn|bun) (?:run )?(?<script>[\w:-]+)|make (?<target>[\w-]+)|(?<tool>(?:python3? -m )?(?:pytest|unittest|ruff check|mypy|tox|nox)|go (?:test|vet|build)|cargo (?:test|build|clippy|fmt))(?: [\w./=-]+)*)$/;

/** Single commands that a workflow runs; longer scripts say more about CI than about the project. */
function fromCi(root: string): FoundCommand[] {
  const folder = path.join(root, ".github/workflows");
  const names = fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
    : [];
  return names.flatMap((name) =>
    readText(folder, name)
      .split("\n")
      .flatMap((line): FoundCommand[] => {
        const command = /^\s*-?\s*run:\s*(.+?)\s*$/.exec(line)?.[1]?.replace(/^(["'])(.*)\1$/, "$2") ?? "";
        const match = CI_COMMAND.exec(command)?.groups;
        const role = match ? roleOf(match.script ?? match.target ?? match.tool ?? "") : null;
        return role === null ? [] : [{ role, command, from: `.github/workflows/${name}` }];
      }),
  );
}

function roleOf(word: string): CommandRole | null {
  if (/type|mypy/.test(word)) return "types";
  if (/test|tox|nox/.test(word)) return "test";
  if (/lint|check|vet|ruff|clippy/.test(word)) return "lint";
  if (/fmt|format/.test(word)) return "format";
  return /build/.test(word) ? "build" : null;
}
