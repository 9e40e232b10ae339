import path from "node:path";
import { literalText, recognizePlain } from "@quire/execpolicy/plain";
import type { CommandAction } from "@quire/protocol/app-server";
import { joinWords } from "./shell-words.ts";

const READERS = new Set(["cat", "head", "tail", "nl", "bat", "less", "more"]);
const LISTERS = new Set(["ls", "find", "tree", "fd", "du"]);
const SEARCHERS = new Set(["rg", "grep", "ag", "ack", "git-grep"]);
/** Options whose value is the next word. `-e` is not among them: its value is the pattern, an operand like any other. */
const READER_VALUES = new Set(["-n", "-c", "--lines", "--bytes"]);
const SEARCHER_VALUES = new Set(["-A", "-B", "-C", "-m", "-f", "-g", "--glob", "-t", "--type"]);

/** What a command does in words that a client can show. What the recogniser does not understand is `unknown`. */
export function commandActions(command: string, cwd: string): CommandAction[] {
  const unknown: CommandAction[] = [{ type: "unknown", command }];
  const plain = recognizePlain(command);
  if (plain.kind !== "plain") return unknown;
  const actions: CommandAction[] = [];
  for (const { argv } of plain.commands) {
    const words = argv.map((word) => literalText(word));
    if (!words.every((word) => word !== null)) return unknown;
    actions.push(actionOf(words, cwd));
  }
  return actions.length === 0 ? unknown : actions;
}

function actionOf(argv: readonly string[], cwd: string): CommandAction {
  const command = joinWords(argv);
  const [program = "", ...rest] = argv;
  const name = path.basename(program);
  const operands = operandsOf(rest, SEARCHERS.has(name) ? SEARCHER_VALUES : READER_VALUES);
  const last = operands.at(-1);
  if ((READERS.has(name) || isSedPrint(name, rest)) && last !== undefined) {
    return { type: "read", command, name: path.basename(last), path: path.resolve(cwd, last) };
  }
  if (LISTERS.has(name)) return { type: "listFiles", command, path: operands[0] ?? null };
  if (SEARCHERS.has(name)) {
    return { type: "search", command, query: operands[0] ?? null, path: operands[1] ?? null };
  }
  return { type: "unknown", command };
}

function isSedPrint(name: string, words: readonly string[]): boolean {
  return name === "sed" && words[0] === "-n" && words.length === 3;
}

function operandsOf(words: readonly string[], withValue: ReadonlySet<string>): string[] {
  const operands: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") return [...operands, ...words.slice(index + 1)];
    if (!word.startsWith("-")) operands.push(word);
    else if (withValue.has(word)) index++;
  }
  return operands;
}
