import fc from "fast-check";
import { expect, test } from "vitest";
import { choice, flag, integer, list, optional, text } from "./fields.ts";
import { objectOf, parseArguments } from "./parse-arguments.ts";
import { quoteForShell, shellPath, toShellText } from "./shell-words.ts";

const FIELDS = {
  name: text,
  count: optional(integer({ min: 1, max: 10 })),
  loud: optional(flag),
  kind: optional(choice(["a", "b"])),
  parts: optional(list(objectOf({ id: text }), "parts")),
};
const parse = (input: string) => parseArguments("demo", input, FIELDS);

test("reads what is plain and bends where the meaning is", () => {
  expect(parse('{"name":"x","count":"3","loud":"true","kind":null,"parts":[{"id":"1"}]}')).toEqual({
    ok: true,
    value: { name: "x", count: 3, loud: true, parts: [{ id: "1" }] },
  });
  expect(parse('{"name":"x","count":99.6}')).toEqual({ ok: true, value: { name: "x", count: 10 } });
});

test.each([
  ["", 'demo was not run: the argument "name" is missing.'],
  [
    "[]",
    "demo was not run: the arguments must be a JSON object with name (required), count, loud, kind, parts.",
  ],
  ['{"name":1}', 'demo was not run: "name" must be a string, not 1.'],
  ['{"name":"x","count":"many"}', 'demo was not run: "count" must be a number, not "many".'],
  ['{"name":"x","kind":"c"}', 'demo was not run: "kind" must be one of "a", "b", not "c".'],
  [
    '{"name":"x","nmae":"y"}',
    'demo was not run: unknown argument "nmae". Known: name (required), count, loud, kind, parts.',
  ],
  [
    '{"name":"x","__proto__":{}}',
    'demo was not run: unknown argument "__proto__". Known: name (required), count, loud, kind, parts.',
  ],
  [
    '{"name":"x","parts":[{"id":"1"},{}]}',
    'demo was not run: "parts" must be an array of parts; entry 1 must be an object with id (required) (the argument "id" is missing.), not an array.',
  ],
])("says what is wrong with %s", (input, message) => {
  expect(parse(input)).toEqual({ ok: false, message });
});

test("refuses broken JSON, deep JSON and huge arguments without throwing", () => {
  expect(parse('{"name":"x"')).toMatchObject({
    ok: false,
    message: expect.stringContaining("not valid JSON"),
  });
  expect(parse("[".repeat(100_000) + "]".repeat(100_000))).toMatchObject({ ok: false });
  expect(parse(JSON.stringify({ name: "x".repeat(1024 * 1024) }))).toMatchObject({
    ok: false,
    message: expect.stringContaining("larger than 1 MiB"),
  });
});

test("never throws, and every refusal says that nothing was run", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (input) => {
      const parsed = parse(input);
      if (!parsed.ok) expect(parsed.message).toMatch(/^demo was not run: /);
    }),
  );
});

test("turns argument lists into shell text that means the same", () => {
  expect(toShellText(["echo", "it's", "", "a b", "$HOME"])).toBe(`echo 'it'\\''s' '' 'a b' '$HOME'`);
  expect(toShellText(["bash", "-lc", "a && b"])).toBe("a && b");
  expect(toShellText("a && b")).toBe("a && b");
  expect(quoteForShell("./a-b_c=1")).toBe("./a-b_c=1");
});

test("takes only well-known shells from system folders", () => {
  const named = (shell?: string) => shellPath(shell, "/opt/bin/zsh");
  expect([undefined, "zsh", "/opt/bin/zsh", "bash", "/usr/bin/fish"].map(named)).toEqual([
    "/opt/bin/zsh",
    "/opt/bin/zsh",
    "/opt/bin/zsh",
    "/bin/bash",
    "/usr/bin/fish",
  ]);
  expect(["./bash", "/srv/bash", "python3", "/bin/python3", "bash -x"].map(named)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
