/**
 * A shell script reduced to what the forbid rules look at: simple commands with statically evaluated words. It is
 * an over-approximation: bodies of functions, branches and loops all count as run.
 */

/** Stands in a word's text for something only known at run time; may turn out empty. */
export const UNKNOWN = "\ue000";
/** The same, but the shell guarantees that it is not empty (`${X:?}`). */
export const UNKNOWN_NONEMPTY = "\ue001";

/** One word after quote removal and the expansions that are certain. */
export interface ShellWord {
  text: string;
  /** Holds an unquoted glob character. */
  globbed: boolean;
  /** Names of variables whose value is not known here. */
  variables: string[];
  /** Commands inside command and process substitutions of this word. */
  substituted: { kind: "command" | "process"; script: ShellScript }[];
}

export interface ShellRedirect {
  operator: string;
  fd: number | null;
  target: ShellWord | null;
  /** Text of a here-document or here-string. */
  body: ShellWord | null;
}

export interface ShellCommand {
  words: ShellWord[];
  assignments: { name: string; value: ShellWord }[];
  redirects: ShellRedirect[];
  background: boolean;
  /** The folder the command runs in, when `cd`s before it allow to tell. */
  cwd: string | null;
  /** The command as written. */
  text: string;
}

/** Commands joined by `|`. A stage holds several commands when it is a group or a loop. */
export interface ShellPipeline {
  stages: ShellCommand[][];
}

export interface ShellScript {
  /** Every simple command, those inside substitutions and function bodies included. */
  commands: ShellCommand[];
  pipelines: ShellPipeline[];
  /** Functions that start themselves in a pipeline or in the background. */
  selfMultiplying: string[];
  /** The parser reported errors: the rest is a best effort. */
  damaged: boolean;
}

/** What is known about the place a script runs in. */
export interface ShellSurroundings {
  cwd: string;
  home: string;
  roots: readonly string[];
}

/** Remembers the answer to a question about a script, which many words may refer to. */
export function askedOnce(question: (script: ShellScript) => boolean): (script: ShellScript) => boolean {
  const answers = new WeakMap<ShellScript, boolean>();
  return (script) => {
    const known = answers.get(script);
    if (known !== undefined) return known;
    const answer = question(script);
    answers.set(script, answer);
    return answer;
  };
}

export function emptyScript(): ShellScript {
  return { commands: [], pipelines: [], selfMultiplying: [], damaged: false };
}

export function fixedWord(text: string, globbed = false): ShellWord {
  return { text, globbed, variables: [], substituted: [] };
}

export function isFixed(word: ShellWord): boolean {
  return !word.text.includes(UNKNOWN) && !word.text.includes(UNKNOWN_NONEMPTY);
}
