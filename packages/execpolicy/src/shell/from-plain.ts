import { type PlainCommand, type PlainWord, wordText } from "../plain/plain-command.ts";
import { folderAfter } from "./follow-folder.ts";
import {
  emptyScript,
  fixedWord,
  type ShellCommand,
  type ShellRedirect,
  type ShellScript,
  type ShellSurroundings,
  type ShellWord,
} from "./script-model.ts";

/** Turns recognised plain commands into the model of the forbid rules without loading a parser. */
export function scriptFromPlain(
  commands: readonly PlainCommand[],
  surroundings: ShellSurroundings,
): ShellScript {
  const script = emptyScript();
  let cwd: string | null = surroundings.cwd;
  let stages: ShellCommand[][] = [];
  for (const plain of commands) {
    const command = convert(plain, cwd, surroundings.home);
    script.commands.push(command);
    stages.push([command]);
    cwd = folderAfter(command.words, cwd, surroundings.home);
    if (plain.operatorAfter === "|") continue;
    script.pipelines.push({ stages });
    stages = [];
  }
  return script;
}

function convert(plain: PlainCommand, cwd: string | null, home: string): ShellCommand {
  const variables = cwd === null ? { HOME: home } : { HOME: home, PWD: cwd };
  const word = (from: PlainWord): ShellWord => {
    const text = wordText(from, variables);
    return text === null ? { ...fixedWord("\ue000"), variables: ["PWD"] } : fixedWord(text, from.glob);
  };
  const redirects: ShellRedirect[] = [];
  for (const redirect of plain.redirects) {
    if (redirect.kind === "input")
      redirects.push({ operator: "<", fd: null, target: word(redirect.path), body: null });
  }
  return {
    words: plain.argv.map(word),
    assignments: plain.assignments.map((each) => ({ name: each.name, value: fixedWord(each.value) })),
    redirects,
    background: false,
    cwd,
    text: plain.text,
  };
}
