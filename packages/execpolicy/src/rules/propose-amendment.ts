import { deceptiveOffset } from "../plain/deceptive-text.ts";

/** Programs that run whatever they are given: a rule for them would allow anything. */
const NEVER =
  /^(?:(?:ba|da|z|k|mk|a|fi|c|tc|pw)?sh|python[0-9.]*|pypy[0-9.]*|perl|ruby|irb|node|nodejs|deno|bun|php|lua[0-9.]*|tclsh|osascript|powershell|Rscript|julia|ghci|sudo|doas|pkexec|run0|su|runuser|env|xargs|parallel|command|builtin|exec|eval|source|\.|nohup|setsid|nice|ionice|timeout|time|stdbuf|watch|strace|ltrace|gdb|chroot|unshare|nsenter|systemd-run|script|ssh|docker|podman|kubectl|busybox|toybox|find|fd|awk|gawk|mawk|sed|vi|vim|nvim|ed|emacs|rm|dd|mkfs|chmod|chown|mv|curl|wget|nc|ncat|socat|scp|rsync|tee|tar|git-shell|npx|pnpx|bunx|uvx|pipx|dlx|make|just|rake|ant|crontab|at|kill|pkill|killall|trap|alias|export|set|unset)$/;

/** Programs whose first word after the name says what they do; the value is how many tokens to keep. */
const DEPTH: Readonly<Record<string, number>> = {
  git: 2,
  npm: 2,
  pnpm: 2,
  yarn: 2,
  cargo: 2,
  go: 2,
  pip: 2,
  pip3: 2,
  uv: 2,
  poetry: 2,
  gh: 3,
  dotnet: 2,
  gradle: 2,
  "./gradlew": 2,
  mvn: 2,
  composer: 2,
  bundle: 2,
  terraform: 2,
  brew: 2,
  apt: 2,
  "apt-get": 2,
  systemctl: 2,
  conda: 2,
  mix: 2,
  rails: 2,
  swift: 2,
  flutter: 2,
  nx: 2,
  turbo: 2,
  helm: 2,
};
/** Words after which another name decides: `npm run test`. */
const ONE_MORE = /^(?:run|run-script|x|exec|tool)$/;
/** Sub-commands that run anything, or reach where no standing permission should. */
const NEVER_SECOND = /^(?:exec|dlx|x|push|config|submodule|bisect|filter-branch|run)$/;

/**
 * The shortest prefix worth remembering for a command that was just approved, or null when no prefix of it would
 * be safe to allow for good (interpreters, shells, wrappers, destroyers, anything that starts with an option).
 */
export function proposeAmendment(argv: readonly string[]): string[] | null {
  const [program, ...rest] = argv;
  if (program === undefined || program === "" || !argv.every(isPlainToken)) return null;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (NEVER.test(name)) return null;
  const depth = DEPTH[name] ?? DEPTH[program];
  if (depth === undefined) return fixedCommand(program, rest);
  const [second, third] = rest;
  if (second === undefined) return [program];
  if (second.startsWith("-")) return null;
  if (ONE_MORE.test(second) && (name === "npm" || name === "pnpm" || name === "yarn" || name === "uv")) {
    if (name === "uv" || second === "x" || second === "exec" || third === undefined || third.startsWith("-"))
      return null;
    return [program, second, third];
  }
  if (NEVER_SECOND.test(second)) return null;
  if (depth === 3) return third === undefined || third.startsWith("-") ? null : [program, second, third];
  return [program, second];
}

/** A program without sub-commands: its name, plus a first operand that is a plain word such as a script name. */
function fixedCommand(program: string, rest: readonly string[]): string[] | null {
  const [first] = rest;
  return first !== undefined && /^[a-z][a-z0-9:_-]*$/.test(first) ? [program, first] : [program];
}

function isPlainToken(token: string): boolean {
  return token.length < 512 && deceptiveOffset(token, { blanks: false }) < 0;
}
