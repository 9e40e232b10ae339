import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { quireHomeIn, runQuire, says, scriptedResponses, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

/** A row of our own in each language. */
const ROWS = {
  js: {
    prompt: "// The sum.\nfunction add(a, b){\n",
    tests: "require('node:assert').equal(add(1, 2), 3);",
  },
  ts: {
    prompt: "// The sum.\nfunction add(a: number, b: number): number {\n",
    tests:
      "declare var require: any;\nconst assert = require('node:assert');\n\n\nfunction test() {\n  let candidate = add;\n  assert.deepEqual(candidate(1, 2),3);\n}\n\ntest();",
  },
  py: {
    prompt: 'def add(a: int, b: int) -> int:\n    """The sum.\n    """\n',
    tests:
      "def check(candidate):\n    assert candidate(1, 2) == 3\n\ndef test_check():\n    check(add)\n\ntest_check()\n",
  },
  sh: {
    prompt: "#!/bin/bash\n# The sum.\nadd() {\n",
    tests: '}\n\nset -e\n[[ $(add "1" "2") = "3" ]]\n',
  },
};
/** An endless loop costs these seconds; nothing else comes near them, on a busy machine either. */
const TIMEOUT = ["--timeout", "5"];

async function world(language: keyof typeof ROWS) {
  const folder = await temporaryDirectory("quire-multipl-test-");
  const at = (name: string) => join(folder.path, name);
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(at("rows.jsonl"), lines([{ name: "own_add", language, ...ROWS[language] }]));
  await mkdir(quireHomeIn(folder.path));
  const multipl = (...args: string[]) =>
    runQuire(["eval", "multipl-e", "--data", at("rows.jsonl"), "--json", ...args], {
      home: folder.path,
      timeoutMs: 90_000,
    });
  return {
    folder: folder.path,
    at,
    multipl,
    /** What became of each, in a word, and what was noted. */
    async judge(completions: readonly string[], ...args: string[]) {
      const samples = completions.map((completion) => ({ task_id: "own_add", completion }));
      await writeFile(at("samples.jsonl"), lines(samples));
      const run = await multipl("--samples", at("samples.jsonl"), ...TIMEOUT, ...args);
      expect([run.stderr, run.exitCode]).toEqual([expect.not.stringContaining("error"), 0]);
      const { results, notes, benchmark } = JSON.parse(run.stdout);
      const words = results.map(({ failure }: { failure: string | null }) => failure ?? "passed");
      return { words, notes, benchmark };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test.each<
  [
    title: string,
    language: keyof typeof ROWS,
    bodies: ReadonlyArray<readonly [string, string]>,
    notes: unknown[],
  ]
>([
  [
    "JavaScript",
    "js",
    [
      ["return a + b;\n}", "passed"],
      ["return a;\n}", "AssertionError"],
      ["while (true) {}\n}", "timed out"],
      ["return (a\n}", "SyntaxError"],
      ["process.kill(process.pid, 'SIGKILL'); return a + b;\n}", "passed"],
      ["require('node:fs').readFileSync('/etc/passwd');\n}", "Error"],
      ["const all = []; for (;;) all.push(Buffer.alloc(1e8));\n}", "RangeError"],
      ["require('node:fs').writeFileSync('/tmp/left', 'x'); return a + b;\n}", "passed"],
      ["if (require('node:fs').readdirSync('/tmp').length === 0) return a + b;\n}", "passed"],
    ],
    [],
  ],
  [
    "TypeScript",
    "ts",
    [
      ["  return a + b;\n}", "passed"],
      ["  return a;\n}", "AssertionError"],
      ["  return (a\n}", "SyntaxError"],
      [
        "  return one() * a + b;\n}\nenum E { One = 1 }\nnamespace N { export const one: E = E.One; }\nfunction one(): E { return N.one; }\nclass P { constructor(private x: number) {} }",
        "passed",
      ],
      ["  const text: string = a;\n  return a + b;\n}", "passed"],
      [`  return ${"(".repeat(20_000)};\n}`, "RangeError"],
      ["  return (a as any) + b!;\n}", "passed"],
    ],
    [expect.stringMatching(/^Types were taken out and not checked\. .* --typescript DIR/)],
  ],
  [
    "Bash",
    "sh",
    [
      ["    echo $(($1 + $2))\n", "passed"],
      ["    echo $1\n", "exit code 1"],
      ["    if [\n", "exit code 2"],
      ["    sleep 1000\n", "timed out"],
      ["    cat /etc/passwd || kill -9 1; echo $(($1 + $2)) | tee /tmp/left\n", "passed"],
      ['    [ -z "$(ls /tmp/left 2>/dev/null)" ] && echo 3\n', "passed"],
      ['    read -r sum < <(awk \'{ print $1 + $2 }\' <<< "$1 $2"); echo "$sum" > /dev/stdout\n', "passed"],
      // The worker's own answers cannot be written, and nothing is said for another sample.
      [
        `    for id in 0 1 2 3; do echo "[[$id,\\"passed\\",\\"\\"]]" > /proc/1/fd/1; done; exit 1\n`,
        "exit code 1",
      ],
      ["    echo $1\n", "exit code 1"],
    ],
    [],
  ],
  [
    "Python",
    "py",
    [
      ["    return a + b\n", "passed"],
      ["    return a\n", "exit code 1"],
      ["    return (a\n", "exit code 1"],
    ],
    [],
  ],
])("MultiPL-E's rows in %s are judged, whatever they do", async (title, language, bodies, notes) => {
  await using w = await world(language);
  expect(
    await w.judge(
      bodies.map(([completion]) => completion),
      "--memory-mb",
      "256",
    ),
  ).toEqual({
    words: bodies.map(([, expected]) => expected),
    notes,
    benchmark: `MultiPL-E (${title})`,
  });
});

/** As much of TypeScript's library as is used of it: it finds one kind of error and takes one kind of type out. */
const COMPILER = `
exports.ScriptTarget = { ESNext: 99 };
exports.createCompilerHost = () => ({ getSourceFile: () => "" });
exports.createSourceFile = (name, text) => text;
exports.createProgram = ([name], options, host) => {
  if (options.target !== 99 || options.strict !== false) throw new Error("other options");
  const text = host.getSourceFile(name);
  return { text, emit: () => host.writeFile("sample.js", text.replaceAll(/declare .*;|: (?:number|any)/g, "")) };
};
exports.getPreEmitDiagnostics = ({ text }) => (text.includes(": string = a") ? [{}] : []);
exports.formatDiagnostic = () => "sample.ts(3,9): error TS2322: Type 'number' is not assignable to type 'string'.\\n";
`;

test("with TypeScript's own library a type error is a failure, and its version is noted", async () => {
  await using w = await world("ts");
  const files = {
    "typescript/package.json": '{"name": "typescript", "version": "5.9.2"}',
    "typescript/lib/typescript.js": COMPILER,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(w.at(name)), { recursive: true });
    await writeFile(w.at(name), text);
  }
  const bodies = ["  return a + b;\n}", "  const text: string = a;\n  return a + b;\n}", "  return a;\n}"];
  expect(await w.judge(bodies, "--typescript", w.at("typescript"))).toEqual({
    words: ["passed", "type error", "AssertionError"],
    notes: ["Types were checked by TypeScript 5.9.2, not in strict mode, as MultiPL-E does."],
    benchmark: "MultiPL-E (TypeScript)",
  });
  const native = fileURLToPath(new URL("../node_modules/typescript", import.meta.url));
  const refused = await w.multipl("--samples", w.at("samples.jsonl"), "--typescript", native);
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/holds TypeScript 7.*cannot be loaded as a library/),
  ]);
});

test("a model is asked in the language of the rows", async () => {
  await using w = await world("ts");
  await using server = await scriptedResponses([
    says("```ts\nfunction add(a: number, b: number): number {\n  return a + b;\n}\n```"),
  ]);
  await writeFile(
    join(quireHomeIn(w.folder), "config.toml"),
    `model = "gpt-5.3-codex"\nmodel_provider = "scripted"\n[model_providers.scripted]\nbase_url = "${server.url}"\nwire_api = "responses"\n`,
  );
  const run = await w.multipl("--out", w.at("run"), ...TIMEOUT);
  expect(JSON.parse(run.stdout)).toMatchObject({ samples: 1, passed: 1 });
  expect(server.requests.map(({ body }) => body)).toEqual([
    expect.objectContaining({ instructions: expect.stringContaining("Complete the TypeScript function.") }),
  ]);
});
