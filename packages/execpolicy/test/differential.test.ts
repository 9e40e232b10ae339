import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify, type PlainCommand, recognizePlain, wordText } from "../src/index.ts";

const run = promisify(execFile);
const NAMES = ["alpha", "beta", "gamma"];
let root = "";
let bin = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "execpolicy-argv-"));
  bin = join(root, "bin");
  await mkdir(bin);
  // Each stand-in writes its arguments, NUL-terminated, to a file named for its process.
  for (const name of NAMES) {
    const script = `#!/bin/sh\nprintf '%s\\0' ${name} "$@" > "$ARGV_LOG/$$"\n`;
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** The argument lists that bash really passes, sorted: stages of a pipeline race. */
async function observed(command: string): Promise<string[][] | "refused"> {
  const log = await mkdtemp(join(root, "log-"));
  const empty = await mkdtemp(join(root, "cwd-"));
  const env = { PATH: bin, HOME: "/home/dev", ARGV_LOG: log };
  try {
    await run("/bin/bash", ["-c", command], { env, cwd: empty });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== 1) return "refused";
  }
  const records = await Promise.all((await readdir(log)).map((file) => readFile(join(log, file), "utf8")));
  return records.map((record) => record.split("\u0000").slice(0, -1)).sort();
}

function predicted(commands: readonly PlainCommand[], cwd: string): string[][] {
  return commands
    .map((command) => command.argv.map((word) => wordText(word, { HOME: "/home/dev", PWD: cwd }) ?? "?"))
    .sort();
}

describe("the recogniser agrees with bash", () => {
  const piece = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_./,:=@%+^-]{1,6}$/),
    fc.stringMatching(/^'[ -&(-~\t]{0,6}'$/),
    fc.stringMatching(/^"[ !#%-[\]^_a-~]{0,6}"$/).filter((text) => !text.includes("$")),
    fc.constantFrom(
      '"a\\"b"',
      '"a\\$b"',
      '"a\\\\b"',
      '"a\\.b"',
      "\\(",
      "\\;",
      "\\ ",
      "\\'",
      "~",
      "~/x",
      '"$HOME"',
      "a~b",
      "a#b",
      "!",
      "]",
      "'é'",
      "#x",
      "2",
      "\\*",
      "x=~",
      "--o=a",
    ),
  );
  const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(""));
  const redirect = fc.constantFrom(
    "",
    "",
    "",
    " 2>/dev/null",
    " >/dev/null",
    " 2>&1",
    " >&2",
    " &>/dev/null",
    " < /dev/null",
    " 2> /dev/null",
  );
  const simple = fc
    .tuple(
      fc.constantFrom(...NAMES, "'alpha'", 'al"pha"', "LC_ALL=C beta", "TZ=UTC gamma"),
      fc.array(word, { maxLength: 4 }),
      redirect,
    )
    .map(([name, words, end]) => `${[name, ...words].join(" ")}${end}`);
  const list = fc
    .tuple(
      simple,
      fc.array(fc.tuple(fc.constantFrom(" && ", "; ", " | ", "\n", " &&\n", "|", ";"), simple), {
        maxLength: 3,
      }),
      fc.constantFrom("", ";", "\n", " # end", "\n# end\n"),
    )
    .map(([first, others, end]) => first + others.map((each) => each.join("")).join("") + end);

  test("on random commands it accepts: same programs, same arguments", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(list, async (command) => {
        const plain = recognizePlain(command);
        if (plain.kind !== "plain") return;
        accepted += 1;
        const expected = predicted(plain.commands, "?");
        expect({ command, argv: await observed(command) }).toEqual({ command, argv: expected });
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(60);
  }, 60_000);

  test("on random text: what it accepts, bash can parse", async () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "a",
        "ls",
        " ",
        " ",
        "'",
        '"',
        "\\",
        ";",
        "|",
        "&",
        "\n",
        "#",
        "2",
        ">",
        "<",
        "/dev/null",
        "!",
        "~",
        "=",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "$",
        "`",
        "*",
        "&&",
        "2>&1",
        "if",
        "do",
      ),
      maxLength: 14,
    });
    await fc.assert(
      fc.asyncProperty(text, async (command) => {
        if (recognizePlain(command).kind !== "plain") return;
        const checked = await run("/bin/bash", ["-n", "-c", command]).then(
          () => "parsed",
          (error: unknown) => String(error),
        );
        expect({ command, checked }).toEqual({ command, checked: "parsed" });
      }),
      { numRuns: 1500 },
    );
  }, 60_000);
});

describe("what is judged safe changes nothing", () => {
  test("random command lines of real programs leave the folder as it was", async () => {
    const folder = await mkdtemp(join(root, "work-"));
    const names = ["a.txt", "b.txt", "in.txt", "out", "-o", "x"];
    for (const name of names.slice(0, 3)) await writeFile(join(folder, name), "one\ntwo\nthree\n");
    const snapshot = async (): Promise<string> => {
      const files = (await readdir(folder)).sort();
      return JSON.stringify(
        await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), "utf8")])),
      );
    };
    const before = await snapshot();
    const program = fc.constantFrom(
      "sort",
      "uniq",
      "sed",
      "find",
      "xxd",
      "cut",
      "tr",
      "head",
      "diff",
      "cmp",
      "date",
      "file",
      "tree",
      "od",
      "grep",
      "wc",
      "nl",
      "tac",
      "comm",
      "paste",
      "stat",
      "du",
      "ls",
      "cat",
      "fold",
      "base64",
      "printf",
      "echo",
      "test",
      "seq",
      "tee",
      "shuf",
      "split",
      "truncate",
    );
    const option = fc.oneof(
      fc.stringMatching(/^-[A-Za-z0-9]{1,3}$/),
      fc.constantFrom(
        "--output=out",
        "--output",
        "-o",
        "-oout",
        "-ro",
        "--in-place",
        "-i",
        "-n",
        "-e",
        "-r",
        "-c",
        "-d",
        "-f1",
        "-d:",
        "--",
        "-exec",
        "-delete",
        "-fprint",
        "-name",
        "-print",
        "-type",
        "f",
        "+",
        ";",
        "{}",
        "w out",
        "1p",
        "s/o/x/w out",
        "$d",
        "-s",
        "-u",
        "-k1",
        "--files0-from=a.txt",
      ),
    );
    const command = fc
      .tuple(program, fc.array(fc.oneof(option, fc.constantFrom(...names)), { maxLength: 4 }))
      .map(([name, args]) => [name, ...args.map((arg) => `'${arg}'`)].join(" "));
    const context = {
      cwd: folder,
      home: "/home/dev",
      workspaceRoots: [folder],
      resolveProgram: (name: string) => `/usr/bin/${name}`,
    };
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(command, async (text) => {
        if ((await classify(text, context)).verdict !== "safe") return;
        ran += 1;
        // A failing program is fine, a changed folder is not. `timeout` covers programs waiting for input.
        await run("/bin/bash", ["-c", `timeout 2 ${text} < /dev/null`], { cwd: folder }).catch(
          () => undefined,
        );
        expect({ text, files: await snapshot() }).toEqual({ text, files: before });
      }),
      { numRuns: 300 },
    );
    expect(ran).toBeGreaterThan(25);
  }, 90_000);
});
