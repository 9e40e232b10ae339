import { isPathPattern } from "./path-pattern.ts";

/** Programs that people mean as commands even after the verb "use". */
const PROGRAMS = new Set(
  `npm npx yarn pnpm bun deno node git gh make cmake docker podman kubectl helm terraform pip pip3 pipx poetry uv conda
  python python3 pytest cargo go gradle mvn rm mv cp sudo su curl wget ssh scp rsync brew apt apt-get dnf yum chmod chown
  dd kill pkill killall psql mysql sqlite3 redis-cli aws gcloud az heroku vercel netlify ansible bazel nx turbo lerna
  composer bundle rake gem mix dotnet nvm asdf tsc eslint prettier jest vitest biome ruff mypy black`.split(
    /\s+/,
  ),
);

/** Words that end an unquoted command: what follows is a condition or an explanation. */
const PROSE_WORDS = new Set(
  `a an the on in for without with to when if from here this that unless against before after at by again twice directly
  manually locally until while during over as and or but first yourself it them any anything commands command`.split(
    /\s+/,
  ),
);

export function isProgram(word: string): boolean {
  return PROGRAMS.has(word);
}

/** The pieces of "`a`, `b` and `c`"; null when it is anything else. */
export function codeList(text: string): string[] | null {
  if (!/^`[^`]+`(?:(?:,? (?:and|or|nor) |, ?|\/)`[^`]+`)*$/.test(text.trim())) return null;
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.trim());
}

/** A list of commands in backticks, or one plain command such as git push; null otherwise. */
export function commandList(text: string): string[] | null {
  const quoted = codeList(text);
  if (quoted) return quoted.every((command) => /^[\w@./-]/.test(command)) ? quoted : null;
  const words = text.trim().split(/\s+/);
  const [program = "", ...rest] = words;
  if (!isProgram(program) || rest.length > 3) return null;
  return rest.every((word) => /^-{0,2}[a-z][a-z0-9:-]*$/.test(word) && !PROSE_WORDS.has(word))
    ? [words.join(" ")]
    : null;
}

/** A list of paths, in backticks or not; null when one of the words is no path. */
export function pathList(text: string): string[] | null {
  const bare = text
    .trim()
    .replace(/^(?:the )/i, "")
    .replace(/ (?:folders?|director(?:y|ies)|files?|packages?|modules?)$/i, "");
  const words = bare.split(/,? (?:and|or|nor) |, ?/).map((word) => word.trim());
  const paths = words.map((word) => {
    const code = /^`([^`]+)`$/.exec(word)?.[1]?.trim();
    if (code !== undefined) return looksLikePath(code, true) ? code : null;
    return looksLikePath(word, false) ? word : null;
  });
  return paths.length > 0 && paths.every((path) => path !== null) ? paths : null;
}

function looksLikePath(word: string, quoted: boolean): boolean {
  if (!isPathPattern(word)) return false;
  if (/[/*]/.test(word) || /^[\w.-]+\.[a-z][a-z0-9]{0,9}$/i.test(word) || /^\.[\w.-]+$/.test(word))
    return true;
  return quoted
    ? /^[\w.-]+$/.test(word)
    : /^(?:Makefile|Dockerfile|Justfile|src|test|tests|docs|lib|dist)$/.test(word);
}
