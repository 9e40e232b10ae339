import { describe, expect, test } from "vitest";
import { recognizePlain } from "./recognize-plain.ts";

/** Words of each command, the operator after it in between; `null` when the text is not plain. */
function words(text: string): (string[] | string)[] | null {
  const result = recognizePlain(text);
  if (result.kind !== "plain") return null;
  return result.commands.flatMap((command) => [
    command.argv.map((word) =>
      word.parts.map((part) => (typeof part === "string" ? part : `<${part.variable}>`)).join(""),
    ),
    ...(command.operatorAfter === null ? [] : [command.operatorAfter]),
  ]);
}

describe("plain commands", () => {
  const accepted: [text: string, expected: (string[] | string)[]][] = [
    ["ls", [["ls"]]],
    ["  ls\t-la  ", [["ls", "-la"]]],
    ["echo 'a b'\"c d\"e", [["echo", "a bc de"]]],
    ["echo ''", [["echo", ""]]],
    ["a && b || c; d | e\nf", [["a"], "&&", ["b"], "||", ["c"], ";", ["d"], "|", ["e"], ";", ["f"]]],
    ["a;\n\n# note\nb;", [["a"], ";", ["b"]]],
    ["a &&\n# why\nb", [["a"], "&&", ["b"]]],
    ["a # b && c", [["a"]]],
    ["a b#c", [["a", "b#c"]]],
    ['echo "a\\.b \\" \\$ \\\\"', [["echo", 'a\\.b " $ \\']]],
    ["find . \\( -name x \\)", [["find", ".", "(", "-name", "x", ")"]]],
    ['cat "$HOME/a" ~/b "$PWD"', [["cat", "<HOME>/a", "<HOME>/b", "<PWD>"]]],
    ["a 2>&1 >/dev/null </x", [["a"]]],
    ["[ -f a ]", [["[", "-f", "a", "]"]]],
    ["bash -lc 'a && b'", [["a"], "&&", ["b"]]],
    ["LC_ALL=C TZ=UTC a", [["a"]]],
  ];
  test.each(accepted)("%j", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test("keep redirections, assignments, patterns and the text as written", () => {
    expect(recognizePlain("LANG=C cat *.md src/?.ts 2>/dev/null < in | b")).toEqual({
      kind: "plain",
      shell: null,
      commands: [
        {
          assignments: [{ name: "LANG", value: "C" }],
          argv: [
            { parts: ["cat"], glob: false, leadingGlob: false, offset: 7 },
            { parts: ["*.md"], glob: true, leadingGlob: true, offset: 11 },
            { parts: ["src/?.ts"], glob: true, leadingGlob: false, offset: 16 },
          ],
          redirects: [
            { kind: "discard", fd: "2" },
            { kind: "input", path: { parts: ["in"], glob: false, leadingGlob: false, offset: 39 } },
          ],
          operatorAfter: "|",
          text: "LANG=C cat *.md src/?.ts 2>/dev/null < in",
        },
        {
          assignments: [],
          argv: [{ parts: ["b"], glob: false, leadingGlob: false, offset: 44 }],
          redirects: [],
          operatorAfter: null,
          text: "b",
        },
      ],
    });
  });
});

describe("everything else is refused with a reason and a place", () => {
  const refused: [text: string, why: string, offset: number][] = [
    ["", "no command", 0],
    ["ls $X", 'the character "$"', 3],
    ['ls "$X"', "an expansion", 4],
    ['ls "$HOMEX"', "an expansion", 4],
    ["ls `id`", 'the character "`"', 3],
    ['ls "`id`"', "a command substitution", 4],
    ["ls 'a", "a single quote that is never closed", 3],
    ['ls "a', "a double quote that is never closed", 3],
    ["ls \\a", "a backslash outside quotes", 3],
    ["ls > f", "a redirection or background operator", 3],
    ["ls >/dev/nullx", "a redirection to a file", 3],
    ["ls 3>/dev/null", "a redirection or background operator", 3],
    ["ls & b", "a redirection or background operator", 3],
    ["ls <<x", "a redirection other than reading a file", 4],
    ["ls < *", "a pattern as the file of a redirection", 5],
    ["(ls)", 'the character "("', 0],
    ["ls a{b,c}", 'the character "{"', 4],
    ["ls ~bob", "a tilde that names another user", 3],
    ["ls a=~", 'the character "~"', 5],
    ["A=1 ls", "an assignment to an environment variable", 0],
    ["TZ=:/x ls", "an unusual locale or time zone", 0],
    ["LC_ALL=C", "a missing command", 8],
    ["if", "the shell keyword if", 0],
    ["! ls", "an unusual program name", 0],
    ["l* a", "an unusual program name", 0],
    ['"$PWD"/x', "a program name that depends on a variable", 0],
    ["a;;b", "the operator ;;", 1],
    ["a |& b", "the operator |&", 2],
    ["a; ;b", "a missing command", 3],
    ["a &&", "an operator without a command after it", 2],
    ["2>/dev/null a", "a redirection before the command", 0],
    ["ls\r", 'the character "\\r"', 2],
    ["ls é", 'the character "é"', 3],
    ["ls 'a\u202eb'", "an invisible or control character", 5],
    ["ls 'a\u0007b'", "an invisible or control character", 5],
    ["ls # é", "an unusual character in a comment", 5],
    ["bash -c 'bash -c ls'", "a shell inside a shell", 0],
  ];
  test.each(refused)("%j", (text, why, offset) => {
    expect(recognizePlain(text)).toEqual({ kind: "not-plain", why, offset });
  });

  test("a text beyond 32 KiB", () => {
    expect(recognizePlain(`echo ${"a".repeat(32_768)}`)).toEqual({
      kind: "not-plain",
      why: "longer than 32 KiB",
      offset: 32_768,
    });
  });
});
