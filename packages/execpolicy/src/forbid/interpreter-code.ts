import { type EffectiveCommand, INTERPRETERS } from "../shell/effective-command.ts";
import { hasOption } from "../shell/write-targets.ts";
import { fetches } from "./fetchers.ts";
import type { ForbidRule, ForbidRules } from "./forbid-rule.ts";

/*
 * Program texts in other languages are not parsed. The patterns below name what a one-liner must contain to do the
 * well-known harm; they raise an `ask` to `forbid` and can never lower anything.
 */
const SOCKET_CODE =
  /socket|fsockopen|TCPSocket|IO::Socket|net\.(?:connect|Socket|createConnection)|\/inet\/tcp|pty\.spawn|["']net["']|LuaSocket|stream_socket_client/;
const SPAWN_CODE =
  /subprocess|os\.(?:system|popen|dup2|exec)|pty\.spawn|dup2|exec\s*[("'{]|exec\s+["'/]|spawn|\bsystem\b|shell_exec|proc_open|popen|child_process|\/bin\/(?:ba|da|z|k)?sh/;
const FETCH_CODE =
  /urlopen|urllib|requests\.get|http\.get|https\.get|fetch\(|file_get_contents\(["']https?:|open-uri|LWP|Net::HTTP|curl_exec/;
const DECODE_CODE = /base64|b64decode|unhexlify|fromhex|atob|decode_base64/i;
const EVAL_CODE = /\bexec\s*\(|\beval\b|compile\(|new Function|vm\.run|instance_eval/;
const SEND_CODE =
  /requests\.post|http\.client|\.request\(|urlopen\([^)]*data|sendall|\.send\(|fetch\([^)]*POST|axios\.post|Net::HTTP\.post/s;
const SECRET_CODE =
  /os\.environ\b(?!\.get\(["'](?:PATH|HOME|USER)["'])|process\.env\b(?!\.(?:PATH|HOME|PORT|NODE_ENV))|ENV\.to_h|%ENV|\.ssh\/|\.aws\/|\.env["']/;

/** One-liners are judged whole; in a program that long the two signs mean something only near each other. */
const WHOLE_TEXT = 1500;
const WINDOW = 600;

function together(text: string, one: RegExp, other: RegExp): boolean {
  if (text.length <= WHOLE_TEXT) return one.test(text) && other.test(text);
  for (let start = 0; start < text.length; start += WINDOW / 2) {
    const part = text.slice(start, start + WINDOW);
    if (one.test(part) && other.test(part)) return true;
  }
  return false;
}

const interprets: ForbidRule = ({ name, args, command }) => {
  const texts = [
    ...args.map((arg) => arg.text),
    ...command.redirects.map((each) => each.body?.text ?? ""),
  ].filter((text) => text.length > 8);
  if (texts.some((text) => together(text, SOCKET_CODE, SPAWN_CODE)))
    return "connects a program to the network";
  if (/awk$/.test(name) && texts.some((text) => text.includes("/inet/")))
    return "connects a program to the network";
  if (texts.some((text) => together(text, DECODE_CODE, EVAL_CODE))) return "runs decoded text";
  if (texts.some((text) => together(text, FETCH_CODE, EVAL_CODE)))
    return "runs program text from the network";
  if (texts.some((text) => together(text, SEND_CODE, SECRET_CODE))) return "sends secrets to another machine";
  const fetched = args.some((arg) => arg.substituted.some((each) => fetches(each.script)));
  return fetched &&
    (/^(?:python|perl|ruby|node|php)/.test(name) || name === "deno") &&
    hasOption(args, "cerp", "--eval")
    ? "runs program text from the network"
    : null;
};

const WIDE_DELETE_IN_CODE =
  /(?:rmtree|rm_rf|rm_r|remove_dir_all|rimraf|rm(?:dir)?Sync|remove_tree|FileUtils\.rm\w*|unlink(?:\s*\(?\s*glob)?)\s*\(?\s*(?:["'`](?:\/|~\/?|\/\*|\/(?:home|etc|usr|var|root|bin|lib)\/?[^"'`/]*)["'`]|(?:os\.path\.expanduser|Path\.home|os\.homedir|Dir\.home|homedir)\b)/;

/** Program text given to an interpreter that deletes a root or home folder through a library. */
function codeDeletes({ name, args }: EffectiveCommand): string | null {
  if (!INTERPRETERS.test(name)) return null;
  return args.some((arg) => WIDE_DELETE_IN_CODE.test(arg.text))
    ? "a program text that deletes the machine's or the user's files"
    : null;
}

const PLANTED_IN_CODE =
  /\.git\/(?:hooks|config)|authorized_keys|\.(?:bashrc|zshrc|bash_profile|profile|zshenv)\b|\.(?:quire|codex|claude)\/|\/etc\/(?:cron|sudoers|ld\.so\.preload|passwd|systemd)/;
const WRITES_IN_CODE = /open\([^)]*["'][wa+x]|write|append|copy|File\.open|fs\.|put_contents|>>?/;
const KEY_IN_CODE =
  /\.ssh\/id_(?:rsa|dsa|ecdsa|ed25519)(?!\.pub)|\.aws\/credentials|\/etc\/g?shadow\b|\.git-credentials|\.gnupg\/(?:private|secring)|\.(?:quire|codex)\/auth\.json/;

/** Program text given to an interpreter that names a credential file. */
function codeTouches({ name, args }: EffectiveCommand): string | null {
  if (!/^(?:python[0-9.]*|perl|ruby|node|php|awk|gawk|mawk|deno|bun|lua|osascript)$/.test(name)) return null;
  if (args.some((arg) => KEY_IN_CODE.test(arg.text))) return "a program text that reads a credential file";
  const plants = args.some((arg) => PLANTED_IN_CODE.test(arg.text) && WRITES_IN_CODE.test(arg.text));
  return plants ? "a program text that changes files which run or decide later" : null;
}

const forkCode: ForbidRule = ({ name, args }) =>
  /^(?:perl|python[0-9.]*|ruby|php)$/.test(name) &&
  args.some((arg) =>
    /fork\s+while\s+fork|\bloop\b[\s({do]*.*\bfork\b|while[\s(]+(?:True|1|true)[^;]*[:{;].*\bfork\b|\bfork\s*(?:\(\s*\))?\s*while/s.test(
      arg.text,
    ),
  )
    ? "a fork bomb"
    : null;

/** One-liners handed to an interpreter. */
export const INTERPRETER_CODE: ForbidRules = {
  deno: ({ args }) =>
    args.some((arg) => /^https?:/.test(arg.text)) ? "runs program text from the network" : null,
  "*": (effective, around) => {
    if (!INTERPRETERS.test(effective.name)) return null;
    return (
      interprets(effective, around) ??
      codeDeletes(effective) ??
      codeTouches(effective) ??
      forkCode(effective, around)
    );
  },
};
