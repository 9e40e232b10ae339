/** A patch found in a shell command, and the folder it changes to first, if it does. */
export interface EmbeddedPatch {
  readonly patch: string;
  /** As written after `cd`, without its quotes; relative to the folder of the command. */
  readonly cwd?: string;
}

const BARE_WORD = "[A-Za-z0-9_./@%+=:,][A-Za-z0-9_./@%+=:,~-]*";
const CD = `cd[ \\t]+(?:(${BARE_WORD})|'([^'\\n]+)'|"([^"$\`\\\\\\n]+)")[ \\t]*&&[ \\t]*`;
const HEREDOC = "(?:apply_patch|applypatch)[ \\t]*<<[ \\t]*(?:'(\\w+)'|\"(\\w+)\"|(\\w+))[ \\t]*\\r?\\n";
const COMMAND = new RegExp(`^\\s*(?:${CD})?${HEREDOC}`);
const SHELLS = /^(?:.*\/)?(?:ba|z|da|k)?sh$/;

/**
 * Recognises a shell command that does nothing but apply a patch:
 * `apply_patch <<'EOF' … EOF`, the same after `cd folder &&`, that script behind `bash -lc`, and the argument
 * list `["apply_patch", patch]` (`applypatch` is the same command). Everything else is null, above all a command
 * with anything before, between or after, because the rest would be lost.
 */
export function extractHeredocPatch(command: string | readonly string[]): EmbeddedPatch | null {
  if (typeof command === "string") return fromScript(command);
  const [program, argument, script] = command;
  if (program === undefined || argument === undefined) return null;
  if (command.length === 2 && /^apply_?patch$/.test(program)) return { patch: argument };
  const runsScript = command.length === 3 && SHELLS.test(program) && /^-l?c$/.test(argument);
  return runsScript && script !== undefined ? fromScript(script) : null;
}

function fromScript(script: string): EmbeddedPatch | null {
  const start = COMMAND.exec(script);
  if (start === null) return null;
  const [opening, bare, single, double, ...words] = start;
  const word = words.find((candidate) => candidate !== undefined);
  if (word === undefined) return null;
  const body = bodyUntil(script.slice(opening.length), word);
  if (body === null) return null;
  const cwd = bare ?? single ?? double;
  if (cwd === undefined) return { patch: body };
  // `cd -` and `cd -P` mean something else than a folder of that name.
  return cwd.startsWith("-") ? null : { patch: body, cwd };
}

/** The here-document's text, or null when it is not closed or when something follows it. */
function bodyUntil(rest: string, word: string): string | null {
  const lines = rest.split("\n");
  const end = lines.findIndex((line) => line === word || line === `${word}\r`);
  if (
    end < 0 ||
    lines
      .slice(end + 1)
      .join("")
      .trim() !== ""
  )
    return null;
  return lines.slice(0, end).join("\n");
}
