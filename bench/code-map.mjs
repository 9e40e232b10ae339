#!/usr/bin/env node
/**
 * The repository map of a generated tree: `node bench/code-map.mjs [--files 20000] [--lines 70] [--runs 5]`. Prints the
 * first answer (bar: 3 seconds), the answer when nothing changed (bar: 150 ms), after one file changed, with a focus, and of the
 * largest size. Wall time of the whole command, least, median and most, and of the map in it. Needs `npm run build`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/bundle.mjs";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "20000" },
    lines: { type: "string", default: "70" },
    runs: { type: "string", default: "5" },
  },
});
const FILES = Number(values.files);
const LINES = Number(values.lines);
const RUNS = Number(values.runs);

let state = 42;
/** The same tree every time. @param {number} below */
function pick(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const WORDS =
  "order user invoice report cache token parser session ledger queue metric stream index widget route".split(
    " ",
  );
const word = () => WORDS[pick(WORDS.length)] ?? "word";
/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const name = () => `${word()}${capital(word())}${pick(4000)}`;

/** @type {Record<string, (own: string) => string>} one declaration of about ten lines */
const PARTS = {
  ts: (own) =>
    `export function ${own}(input: ${capital(name())}, limit = ${pick(99)}): string[] {\n  const found: string[] = [];\n  for (const one of input.items) {\n    if (one.size > limit) found.push(${name()}(one, "${word()}"));\n    else found.push(\`\${one.name}-${word()}\`);\n  }\n  return found.filter((text) => text !== "").map((text) => ${name()}(text));\n}\n\n`,
  py: (own) =>
    `def ${own}(items, limit=${pick(99)}):\n    """Finds the ${word()} of a ${word()}."""\n    found = []\n    for one in items:\n        if one.size > limit:\n            found.append(${name()}(one, "${word()}"))\n        else:\n            found.append(one.name)\n    return [text for text in found if text]\n\n`,
  go: (own) =>
    `// ${capital(own)} finds the ${word()}.\nfunc ${capital(own)}(items []Item, limit int) []string {\n\tvar found []string\n\tfor _, one := range items {\n\t\tif one.Size > limit {\n\t\t\tfound = append(found, ${capital(name())}(one))\n\t\t}\n\t}\n\treturn found\n}\n\n`,
  java: (own) =>
    `    public List<String> ${own}(List<Item> items, int limit) {\n        List<String> found = new ArrayList<>();\n        for (Item one : items) {\n            if (one.size() > limit) {\n                found.add(${name()}(one));\n            }\n        }\n        return found;\n    }\n\n`,
};

/** @param {string} kind @param {number} count */
function source(kind, count) {
  const own = Array.from({ length: count }, () => (PARTS[kind] ?? PARTS.ts)?.(name()) ?? "").join("");
  if (kind === "go") return `package ${word()}\n\n${own}`;
  if (kind === "java") return `package a.b;\n\npublic class ${capital(name())} {\n${own}}\n`;
  if (kind === "py") return `import os\n\n\nclass ${capital(name())}:\n    pass\n\n\n${own}`;
  return `import { ${name()} } from "./${word()}.ts";\n\nexport interface ${capital(name())} {\n  items: { name: string; size: number }[];\n}\n\n${own}`;
}

/** @param {string} tree */
function writeTree(tree) {
  const kinds = ["ts", "ts", "ts", "ts", "ts", "py", "py", "go", "java", "md"];
  let bytes = 0;
  for (let at = 0; at < FILES; at++) {
    const kind = kinds[at % kinds.length] ?? "ts";
    const folder = path.join(tree, `pkg${at % 40}`, "src", `${word()}${at % 25}`);
    // Few large files and many small ones, as it is in repositories.
    const lines = Math.max(8, Math.round(LINES * (0.15 + 2.5 * (pick(1000) / 1000) ** 3.2 * 1.4)));
    const text =
      kind === "md" ? `# ${word()}\n\n${"Some words.\n".repeat(lines)}` : source(kind, Math.ceil(lines / 10));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${word()}-${at}.${kind}`), text);
    bytes += text.length;
  }
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.invalid", ...args], { cwd: tree });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "tree");
  return bytes;
}

/** @param {string} tree @param {string} home @param {string[]} args */
function quire(tree, home, ...args) {
  const began = performance.now();
  const ran = spawnSync(process.execPath, [path.join(root, "bin/quire"), "map", "--json", ...args], {
    cwd: tree,
    env: { ...process.env, QUIRE_HOME: home },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  const { ms } = JSON.parse(ran.stdout);
  return { wall: performance.now() - began, ms };
}

/** @param {number[]} numbers */
const spread = (numbers) => {
  const sorted = numbers.map(Math.round).sort((a, b) => a - b);
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].join(" / ").padStart(20);
};

/** @param {string} label @param {{ wall: number, ms: number }[]} rows */
function print(label, rows) {
  const wall = spread(rows.map((row) => row.wall));
  console.log(`${label.padEnd(24)} command ${wall} ms, map ${spread(rows.map(({ ms }) => ms))} ms`);
}

const folder = mkdtempSync(path.join(os.tmpdir(), "quire-bench-map-"));
try {
  const tree = path.join(folder, "tree");
  mkdirSync(tree);
  const bytes = writeTree(tree);
  console.log(
    `${FILES} files, ${(bytes / 1e6).toFixed(1)} MB, ${os.availableParallelism()} processors, load ${os.loadavg()[0]?.toFixed(1)}`,
  );
  const homes = Array.from({ length: RUNS }, (_, at) => path.join(folder, `home${at}`));
  print(
    "cold",
    homes.map((home) => quire(tree, home)),
  );
  const [home = ""] = homes;
  print(
    "warm",
    Array.from({ length: RUNS }, () => quire(tree, home)),
  );
  const changed = Array.from({ length: RUNS }, (_, at) => {
    appendFileSync(path.join(tree, "pkg0/new.ts"), `export const added${at} = ${at};\n`);
    return quire(tree, home);
  });
  print("after one file changed", changed);
  print(
    "with a focus",
    Array.from({ length: RUNS }, () => quire(tree, home, "--focus", "added1")),
  );
  print("64 KiB", [quire(tree, home, "--budget", "65536")]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
