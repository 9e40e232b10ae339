import { expect, test } from "vitest";
import { extractHeredocPatch } from "./shell-command.ts";

const PATCH = "*** Begin Patch\n*** Delete File: a\n*** End Patch";

test.each([
  ["quoted", `apply_patch <<'EOF'\n${PATCH}\nEOF`, { patch: PATCH }],
  ["double quotes, final newlines", `apply_patch <<"PATCH"\n${PATCH}\nPATCH\n\n`, { patch: PATCH }],
  ["bare word, spaces", `  applypatch << EOF\n${PATCH}\nEOF`, { patch: PATCH }],
  ["folder", `cd sub/dir && apply_patch <<'EOF'\n${PATCH}\nEOF`, { patch: PATCH, cwd: "sub/dir" }],
  ["folder in quotes", `cd 'a b' && apply_patch <<'EOF'\n${PATCH}\nEOF\n`, { patch: PATCH, cwd: "a b" }],
  ["folder in double quotes", `cd "a b"&&apply_patch <<'EOF'\n${PATCH}\nEOF`, { patch: PATCH, cwd: "a b" }],
  ["a shell", ["bash", "-lc", `apply_patch <<'EOF'\n${PATCH}\nEOF`], { patch: PATCH }],
  [
    "a shell by path",
    ["/bin/zsh", "-c", `cd x && apply_patch <<'EOF'\n${PATCH}\nEOF`],
    { patch: PATCH, cwd: "x" },
  ],
  ["arguments", ["apply_patch", PATCH], { patch: PATCH }],
  ["the other name", ["applypatch", PATCH], { patch: PATCH }],
  ["an empty document", "apply_patch <<'EOF'\nEOF", { patch: "" }],
])("recognises %s", (_name, command, expected) => {
  expect(extractHeredocPatch(command)).toEqual(expected);
});

const DOCUMENT = `<<'EOF'\n${PATCH}\nEOF`;

test.each([
  ["something before", `echo hi; apply_patch ${DOCUMENT}`],
  ["something before on its own line", `echo hi\napply_patch ${DOCUMENT}`],
  ["something after", `apply_patch ${DOCUMENT}\necho hi`],
  ["something after the word", `apply_patch <<'EOF' && rm x\n${PATCH}\nEOF`],
  ["a redirection", `apply_patch <<'EOF' > out\n${PATCH}\nEOF`],
  ["a pipe", `apply_patch <<'EOF' | cat\n${PATCH}\nEOF`],
  ["an argument", `apply_patch foo ${DOCUMENT}`],
  ["another program", `cat ${DOCUMENT}`],
  ["a longer name", `my_apply_patch ${DOCUMENT}`],
  ["cd with ;", `cd x; apply_patch ${DOCUMENT}`],
  ["cd with ||", `cd x || apply_patch ${DOCUMENT}`],
  ["two folders", `cd a && cd b && apply_patch ${DOCUMENT}`],
  ["cd with a variable", `cd "$HOME" && apply_patch ${DOCUMENT}`],
  ["cd with a substitution", `cd $(pwd) && apply_patch ${DOCUMENT}`],
  ["cd with a tilde", `cd ~/x && apply_patch ${DOCUMENT}`],
  ["cd back", `cd - && apply_patch ${DOCUMENT}`],
  ["cd with an option in quotes", `cd '-P' && apply_patch ${DOCUMENT}`],
  ["cd with a glob", `cd a* && apply_patch ${DOCUMENT}`],
  ["a document that is not closed", `apply_patch <<'EOF'\n${PATCH}`],
  ["another closing word", `apply_patch <<'EOF'\n${PATCH}\nEOT`],
  ["an assignment", `X=1 apply_patch ${DOCUMENT}`],
  ["a comment", `# apply_patch ${DOCUMENT}`],
  ["one argument only", ["apply_patch"]],
  ["too many arguments", ["apply_patch", PATCH, "x"]],
  ["a shell with more arguments", ["bash", "-lc", `apply_patch ${DOCUMENT}`, "x"]],
  ["a shell with other options", ["bash", "-xc", `apply_patch ${DOCUMENT}`]],
  ["a shell file", ["bash", "script.sh", `apply_patch ${DOCUMENT}`]],
  ["nothing", ""],
  ["no arguments", []],
])("leaves alone: %s", (_name, command) => {
  expect(extractHeredocPatch(command)).toBeNull();
});
