import fc from "fast-check";
import { expect, test } from "vitest";
import { setAt, valueAt } from "./table.ts";
import { parseToml } from "./toml.ts";
import { editToml } from "./toml-edit.ts";
import { lineOfKey } from "./toml-scan.ts";
import type { TomlValue } from "./toml-value.ts";

const FILE = `# my settings
model = "a" # the model

[tui]
theme = 'dark'   # nice

# servers
[mcp_servers.docs]
command = "docs"
args = [
  "one", # ] not the end
  "two",
]
env = { A = "1" }

[[skills.config]]
name = "x"

[a]
b.c = 1
`;

test.each<[string, string[], TomlValue | null, string, string]>([
  ["replaces a value and keeps the comment", ["model"], "b", 'model = "a" #', 'model = "b" #'],
  [
    "adds a top-level key behind the last one",
    ["review_model"],
    "r",
    "the model\n",
    'the model\nreview_model = "r"\n',
  ],
  ["adds a key to a table", ["tui", "x"], 1, "# nice\n", "# nice\nx = 1\n"],
  [
    "replaces a list over several lines",
    ["mcp_servers", "docs", "args"],
    [],
    FILE.slice(FILE.indexOf("[\n"), FILE.indexOf("\nenv")),
    "[]",
  ],
  [
    "adds a key behind a list over several lines",
    ["mcp_servers", "docs", "cwd"],
    "/",
    '"1" }\n',
    '"1" }\ncwd = "/"\n',
  ],
  [
    "changes an inline table",
    ["mcp_servers", "docs", "env", "B"],
    "2",
    '{ A = "1" }',
    '{ A = "1", B = "2" }',
  ],
  ["adds beside a dotted key", ["a", "b", "d"], true, "b.c = 1\n", "b.c = 1\nb.d = true\n"],
  [
    "adds a table at the end",
    ["projects", "/x.y", "trust_level"],
    "trusted",
    "b.c = 1\n",
    'b.c = 1\n\n[projects."/x.y"]\ntrust_level = "trusted"\n',
  ],
  ["removes a key", ["tui", "theme"], null, "theme = 'dark'   # nice\n", ""],
  ["leaves a file without the key as it is", ["nothing", "here"], null, "", ""],
])("%s", async (_, path, value, before, after) => {
  expect(await editToml(FILE, path, value)).toBe(FILE.replace(before, after));
});

test.each([
  ["", 'model = "m"\n'],
  ["[tui]\n", 'model = "m"\n\n[tui]\n'],
  ["\ufeff[tui]\r\n", '\ufeffmodel = "m"\r\n\r\n[tui]\r\n'],
  ['review_model = "r"', 'review_model = "r"\nmodel = "m"\n'],
  ['"model" = """\nlong\n"""\n', '"model" = "m"\n'],
])("%j", async (source, edited) => {
  expect(await editToml(source, ["model"], "m")).toBe(edited);
});

test.each<[string, string[], TomlValue]>([
  ["a = 1\n", ["a", "b"], 2],
  ["[[a]]\nb = 1\n", ["a", "b"], 2],
  ["[a]\nb = 1\n", ["a"], 2],
])("%j cannot be edited in place and says so", async (source, path, value) => {
  await expect(editToml(source, path, value)).rejects.toMatchObject({
    code: "config_invalid",
    info: { next_step: "Edit the file by hand." },
  });
});

test("a broken file is left alone", async () => {
  await expect(editToml("a = \n", ["b"], 1)).rejects.toMatchObject({ code: "config_invalid" });
});

test("whatever is set can be read back, and everything else stays", async () => {
  const key = fc.constantFrom("a", "b", "c.d", "e f", "é", "");
  const path = fc.array(key, { minLength: 1, maxLength: 3 });
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  const value: fc.Arbitrary<TomlValue> = fc.oneof(
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
  );
  const edits = fc.array(fc.tuple(path, value), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      let source = "# start\n[b]\na = 1 # one\n";
      const expected = { b: { a: 1 } };
      for (const [at, wanted] of list) {
        const edited = await editToml(source, at, wanted).catch(() => null);
        if (edited === null) continue;
        source = edited;
        setAt(expected, at, wanted);
      }
      const parsed = await parseToml(source);
      expect(parsed).toMatchObject({ ok: true, table: expected });
      expect(source).toContain("# start\n");
    }),
    { numRuns: 150 },
  );
});

test("lines of keys are found", () => {
  const lines = [
    ["model"],
    ["tui", "theme"],
    ["mcp_servers"],
    ["mcp_servers", "docs", "args", "1"],
    ["a", "b", "c"],
    ["no"],
  ];
  expect(lines.map((path) => lineOfKey(FILE, path))).toEqual([2, 5, 8, 10, 20, null]);
  expect(valueAt({ a: { constructor: 1 } }, ["a", "toString"])).toBeUndefined();
});
