import { expect, test } from "vitest";
import { EXEC_OPTIONS } from "../exec/exec-arguments.ts";
import { EXEC_HELP, REVIEW_HELP } from "../exec/help-text.ts";
import { describeCommand } from "./describe-command.ts";

test("actions, options, their values and words are read from a help text", () => {
  const help = `Do something.

Usage: quire thing list [--json]
       quire thing add NAME --from DIR

  -C, --cd DIR      work in DIR
      --mode MODE   slow | fast
      --on, --off NAME  switch
  NAME              not an option
`;
  expect(describeCommand("thing", "Things", help)).toEqual({
    name: "thing",
    summary: "Things",
    actions: ["list", "add"],
    options: [
      { names: ["-C", "--cd"], summary: "work in DIR", value: { kind: "directory" } },
      { names: ["--mode"], summary: "slow | fast", value: { kind: "one-of", words: ["slow", "fast"] } },
      { names: ["--on", "--off"], summary: "switch", value: { kind: "anything" } },
      { names: ["--json"], summary: "", value: { kind: "none" } },
      { names: ["--from"], summary: "", value: { kind: "directory" } },
    ],
  });
});

/** Taken for the sake of command lines made for Codex, or told of under another name. */
const UNDOCUMENTED = new Set([
  "help",
  "experimental-json",
  "full-auto",
  "yolo",
  "oss",
  "local-provider",
  "approve-for-me",
  "dangerously-bypass-hook-trust",
  "thread-source",
  "last",
  "cyber-access-program",
]);

test("the help tells of every option that exec and review take", () => {
  const described = [EXEC_HELP, REVIEW_HELP].flatMap((help) => describeCommand("exec", "", help).options);
  const names = new Set(described.flatMap((option) => option.names));
  const missing = Object.keys(EXEC_OPTIONS).filter(
    (name) => !names.has(`--${name}`) && !UNDOCUMENTED.has(name),
  );
  expect(missing).toEqual([]);
});
