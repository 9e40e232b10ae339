import { normalizePath } from "../lexical-path.ts";
import { isProcessEnvironment, secrecyOf } from "../secret-paths.ts";
import type { EffectiveCommand } from "../shell/effective-command.ts";
import type { ShellSurroundings, ShellWord } from "../shell/script-model.ts";
import { operandsOf, optionValues } from "../shell/write-targets.ts";
import { type ForbidRules, placeOf } from "./forbid-rule.ts";

/** Programs that show, copy or pack what is in a file. */
const READERS = new Set(
  (
    "cat tac nl head tail less more most bat view vi vim nano emacs od xxd hexdump hd strings base64 base32 openssl gpg cp mv scp rsync " +
    "sftp tar zip gzip bzip2 xz zstd 7z cpio ar dd grep egrep fgrep rg ag awk gawk mawk sed sort uniq cut paste tee diff cmp jq yq perl " +
    "python python3 ruby node php curl wget nc ncat socat http xclip pbcopy wl-copy qrencode split rev fold column source . mapfile read " +
    "git ln install busybox keepassxc-cli sqlite3 john hashcat mail mutt sendmail"
  ).split(" "),
);
/** Programs that show the whole environment when they get no program to start. */
const ENVIRONMENT_SHOWERS = /^(?:env|printenv|set|export|declare|typeset|compgen)$/;
const SECRET_VARIABLE =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PWD_|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH|PASSPHRASE|COOKIE|SESSION_KEY)(?:_|$)|_(?:KEY|PAT)$/i;

export function isSecretVariable(name: string): boolean {
  return SECRET_VARIABLE.test(name);
}

const PATTERN_FIRST = /^(?:[ef]?grep|rg|ag|sed|awk|gawk|mawk|jq|yq)$/;

/** The words that may name files: a search pattern or a script is no file, however it reads. */
function fileWords({ name, args }: EffectiveCommand): ShellWord[] {
  if (name === "git") return args[0]?.text === "add" || args[0]?.text === "hash-object" ? args.slice(1) : [];
  if (!PATTERN_FIRST.test(name)) return args;
  const given = new Set(optionValues(args, "e", "--regexp", "--expression").map((word) => word.text));
  const pattern = given.size > 0 ? undefined : operandsOf(args, "ABCmdDtTgfFv")[0];
  return args.filter((arg) => arg !== pattern && !given.has(arg.text));
}

/** The credential files among the words, as normalised paths. Understands `@file`, `name=@file` and `file=` forms. */
export function secretPaths(
  words: readonly ShellWord[],
  effective: EffectiveCommand,
  around: ShellSurroundings,
  level: "key" | "private",
): string[] {
  const found: string[] = [];
  for (const word of words) {
    for (const text of candidatePaths(word.text)) {
      const { path } = placeOf({ ...word, text, globbed: false }, effective, around);
      if (path === null) continue;
      const secrecy = secrecyOf(normalizePath(path), around.home);
      if (secrecy === "key" || (secrecy !== null && level === "private")) found.push(path);
    }
  }
  return found;
}

function candidatePaths(text: string): string[] {
  if (text === "" || text.length > 4096) return [];
  const candidates = [text];
  const marked = /(?:^|=|^[A-Za-z0-9_]+)[@<]([^;]+)/.exec(text)?.[1];
  if (marked !== undefined) candidates.push(marked.replace(/^-$/, ""));
  const assigned = /^[A-Za-z-]+=(.+)$/s.exec(text)?.[1];
  if (assigned !== undefined) candidates.push(assigned);
  const remote = /^(?:file:\/\/)(\/.*)$/.exec(text)?.[1];
  if (remote !== undefined) candidates.push(remote);
  return candidates.filter((each) => each !== "" && !/^[a-z+]+:\/\//.test(each));
}

/** True when a command prints credentials or the environment: what it prints must not leave the machine. */
export function printsSecrets(effective: EffectiveCommand, around: ShellSurroundings): boolean {
  const { name, args, command } = effective;
  if (ENVIRONMENT_SHOWERS.test(name) && showsEnvironment(effective)) return true;
  if (
    name === "history" ||
    (name === "ps" && args.some((arg) => /^[^-]*e/.test(arg.text) && arg.text.length > 2))
  )
    return true;
  if (args.some((arg) => arg.variables.some(isSecretVariable))) return true;
  if (
    /^(?:gh|gcloud|aws|az|vault|op|pass|security|secret-tool|kubectl|heroku|doctl)$/.test(name) &&
    tellsCredential(name, args)
  )
    return true;
  const inputs = command.redirects.flatMap((each) =>
    each.target && each.operator === "<" ? [each.target] : [],
  );
  if (!READERS.has(name)) return false;
  if (secretPaths([...fileWords(effective), ...inputs], effective, around, "private").length > 0) return true;
  return [...args, ...inputs].some((word) => /^\/etc\/./.test(placeOf(word, effective, around).path ?? ""));
}

function showsEnvironment({ name, args }: EffectiveCommand): boolean {
  const words = args.filter((arg) => !arg.text.startsWith("-") && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(arg.text));
  if (name === "compgen") return args.some((arg) => /^-[A-Za-z]*[ev]/.test(arg.text));
  if (name === "set") return args.length === 0;
  if (name === "printenv") return words.length === 0 || words.some((word) => isSecretVariable(word.text));
  if (name === "env") return words.length === 0;
  return words.length === 0 && (args.length === 0 || args.some((arg) => /^-[a-z]*[px]/.test(arg.text)));
}

function tellsCredential(name: string, args: readonly ShellWord[]): boolean {
  const line = args.map((arg) => arg.text).join(" ");
  if (name === "pass") return /^(?:show|-c|[^-]+\/)/.test(line);
  return /auth (?:token|print-(?:access|identity)-token)|configure (?:get|export-credentials)|get-access-token|get-(?:secret|password|session-token)|kv get|read secret|find-(?:generic|internet)-password|lookup|get secrets?|auth:token|item get/.test(
    line,
  );
}

/** Showing a private key or another credential file, and ways to make a key store give up its keys. */
export const SECRETS: ForbidRules = {
  gpg: ({ args }) => (args.some((arg) => /^--export-secret/.test(arg.text)) ? "exports secret keys" : null),
  find: (effective) => {
    const after = (option: RegExp, value: RegExp): boolean =>
      effective.args.some(
        (arg, index) => option.test(effective.args[index - 1]?.text ?? "") && value.test(arg.text),
      );
    const wanted = after(
      /^-i?name$/,
      /^(?:id_\*|id_(?:rsa|ed25519|ecdsa|dsa)|.*\.pem|credentials|shadow|\.netrc|\.git-credentials|logins\.json)$/,
    );
    const read = effective.args.some(
      (arg, index) =>
        /^-(?:exec|execdir)$/.test(effective.args[index - 1]?.text ?? "") && READERS.has(arg.text),
    );
    return wanted && read ? "collects credential files" : null;
  },
  security: ({ args }) =>
    args.some((arg) =>
      /^(?:dump-keychain|find-generic-password|find-internet-password|export)$/.test(arg.text),
    )
      ? "reads the key chain"
      : null,
  "*": (effective, around) => {
    const { name, command } = effective;
    const inputs = command.redirects.flatMap((each) =>
      each.target && /^<>?$/.test(each.operator) ? [each.target] : [],
    );
    const identity = identityFiles(effective);
    const words = READERS.has(name)
      ? [...fileWords(effective).filter((arg) => !identity.has(arg.text)), ...inputs]
      : inputs;
    const [path] = secretPaths(words, effective, around, "key");
    return path === undefined ? null : `reads the credential file ${path}`;
  },
};

/** `scp -i KEY` and `curl --key KEY` use a key without showing it. */
export function identityFiles({ name, args }: EffectiveCommand): ReadonlySet<string> {
  let values: ShellWord[] = [];
  if (/^(?:ssh|scp|sftp)$/.test(name)) values = optionValues(args, "i");
  if (name === "curl") values = optionValues(args, "E", "--cert", "--key", "--cacert", "--netrc-file");
  if (name === "wget") values = optionValues(args, "", "--certificate", "--private-key", "--ca-certificate");
  return new Set(values.map((word) => word.text));
}

/** True for reading another process's environment as a file. */
export function readsProcessEnvironment(effective: EffectiveCommand, around: ShellSurroundings): boolean {
  return effective.args.some((arg) => isProcessEnvironment(placeOf(arg, effective, around).path ?? ""));
}
