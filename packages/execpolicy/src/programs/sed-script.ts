/**
 * Accepts sed scripts that can only print, skip, join or substitute. The commands that write (w), run (e), read
 * files (r) or jump are refused, as is everything whose end is not plain to see.
 */
export function isHarmlessSedScript(script: string): boolean {
  if (script.length > 4096) return false;
  let at = 0;
  let depth = 0;
  let commands = 0;
  while (at < script.length) {
    const skipped = /^[\s;]+/.exec(script.slice(at));
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    if (script[at] === "}") {
      if (depth === 0) return false;
      depth -= 1;
      at += 1;
      continue;
    }
    const afterAddress = readAddresses(script, at);
    if (afterAddress === null) return false;
    at = afterAddress;
    if (script[at] === "{") {
      depth += 1;
      at += 1;
      continue;
    }
    const afterCommand = readSedCommand(script, at);
    if (afterCommand === null) return false;
    at = afterCommand;
    commands += 1;
  }
  return depth === 0 && commands > 0;
}

const ADDRESS = /^(?:[0-9]+(?:~[0-9]+)?|\$|\/((?:[^/\\\n]|\\[^\n])*)\/I?)/;
const SECOND_ADDRESS = /^[ \t]*,[ \t]*(?:[+~][0-9]+|[0-9]+|\$|\/((?:[^/\\\n]|\\[^\n])*)\/I?)/;

function readAddresses(script: string, start: number): number | null {
  let at = start;
  const first = ADDRESS.exec(script.slice(at));
  if (first) {
    if (!hasPlainBrackets(first[1] ?? "")) return null;
    at += first[0].length;
    const second = SECOND_ADDRESS.exec(script.slice(at));
    if (second) {
      if (!hasPlainBrackets(second[1] ?? "")) return null;
      at += second[0].length;
    }
  }
  return at + (/^[ \t]*!?[ \t]*/.exec(script.slice(at))?.[0].length ?? 0);
}

/** Reads one command and requires that a separator, a closing brace or the end follows. */
function readSedCommand(script: string, start: number): number | null {
  const rest = script.slice(start);
  const simple = /^(?:[pdPDnNgGhHx=l]|[qQ][ \t]*[0-9]*)/.exec(rest);
  const length = simple ? simple[0].length : substitutionLength(rest);
  if (length === null) return null;
  return /^[ \t]*(?:$|[;}\n])/.test(rest.slice(length)) ? start + length : null;
}

/** `s/a/b/flags` or `y/a/b/` with one of a few delimiters. The flags e and w are not accepted. */
function substitutionLength(rest: string): number | null {
  const kind = rest[0];
  const delimiter = rest[1];
  if ((kind !== "s" && kind !== "y") || delimiter === undefined || !/[/|,#@:!%+]/.test(delimiter))
    return null;
  const body = `((?:[^\\\\\\n${escapeForClass(delimiter)}]|\\\\[^\\n])*)`;
  const d = `[${escapeForClass(delimiter)}]`;
  const flags = kind === "s" ? "[gpiI0-9]*" : "";
  const match = new RegExp(`^${kind}${d}${body}${d}${body}${d}${flags}`).exec(rest);
  if (!match) return null;
  return hasPlainBrackets(match[1] ?? "") ? match[0].length : null;
}

function escapeForClass(char: string): string {
  return `\\${char}`;
}

/**
 * A delimiter inside `[...]` does not end the pattern for some versions of sed; a pattern cut there has an
 * unclosed bracket and is refused.
 */
function hasPlainBrackets(pattern: string): boolean {
  const withoutEscapes = pattern.replace(/\\[^\n]/g, "");
  const withoutClasses = withoutEscapes.replace(/\[\^?\]?(?:\[:[a-z]+:\]|[^\]])*\]/g, "");
  return !withoutClasses.includes("[");
}
