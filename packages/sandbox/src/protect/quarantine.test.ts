import { expect, test } from "vitest";
import { isPlainConfig } from "./quarantine.ts";

test.each([
  "",
  "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n",
  '[remote "origin"]\n\turl = https://example.com/x.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
  '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n[user]\n\tname = A\n\temail = a@b\n',
  "# a comment\n; another\n[extensions]\n\tobjectformat = sha256\n",
])("a fresh repository's settings are plain: %j", (text) => {
  expect(isPlainConfig(text)).toBe(true);
});

test.each([
  "[core]\n\tfsmonitor = touch /tmp/x\n",
  "[CORE]\n\tfsMonitor = touch /tmp/x\n",
  "[core] fsmonitor = touch /tmp/x\n",
  "[core]\n\thooksPath = /tmp/x\n",
  "[core]\n\tpager = evil\n",
  "[core]\n\tsshCommand = evil\n",
  "[core]\n\tworktree = /\n",
  "[core]\n\tbare = false \\\n\tfsmonitor = x\n",
  "[include]\n\tpath = /tmp/x\n",
  '[includeIf "gitdir:/"]\n\tpath = /tmp/x\n',
  "[alias]\n\tst = !evil\n",
  '[filter "x"]\n\tclean = evil\n',
  '[diff "x"]\n\ttextconv = evil\n',
  "[credential]\n\thelper = evil\n",
  '[remote "o"]\n\turl = ext::sh -c evil\n',
  '[remote "o"]\n\turl = "ext::sh -c evil"\n',
  '[remote "o"]\n\tuploadpack = evil\n',
  '[submodule "s"]\n\tupdate = !evil\n',
  '[submodule "s"]\n\turl = !evil\n',
  "[gpg]\n\tprogram = evil\n",
  "[sequence]\n\teditor = evil\n",
  "[user]\n\tsigningkey = x\n",
  "garbage",
])("settings that could make git run something are not: %j", (text) => {
  expect(isPlainConfig(text)).toBe(false);
});
