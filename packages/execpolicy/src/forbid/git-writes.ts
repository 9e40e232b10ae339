import { operandsOf } from "../shell/write-targets.ts";
import type { ForbidRule } from "./forbid-rule.ts";

/** Keys of git configuration that name a program or redirect traffic. */
const GIT_PROGRAM_KEY =
  /^(?:alias\.|core\.(?:hookspath|fsmonitor|pager|editor|sshcommand|askpass|gitproxy|attributesfile|worktree|alternaterefscommand)|credential\.|diff\.external|(?:diff|merge|filter)\..*\.(?:command|textconv|driver|clean|smudge|process)|diff\.external|gpg\.|sequence\.editor|pager\.|url\.|http\.(?:.*\.)?(?:proxy|sslverify|extraheader|sslcainfo|cookiefile)|init\.templatedir|include|uploadpack\.|protocol\.|browser\.|web\.browser|man\.|difftool\.|mergetool\.|safe\.|submodule\..*\.update|remote\..*\.(?:url|pushurl|uploadpack|receivepack|proxy)$|trailer\.|instaweb\.|guitool\.|sendemail\.|user\.signingkey)/i;

function gitConfig(args: readonly { text: string }[]): string | null {
  const words = args.map((arg) => arg.text);
  const at = words.indexOf("config");
  const rest = words.slice(at + 1);
  if (
    rest.some((word) =>
      /^(?:--get|--get-all|--get-regexp|--get-urlmatch|-l|--list|get|list|--show-origin)$/.test(word),
    )
  )
    return null;
  const operands = rest.filter(
    (word, index) => !word.startsWith("-") && !/^(?:-f|--file|--blob|--type)$/.test(rest[index - 1] ?? ""),
  );
  const keyAt = /^(?:set|unset|add)$/.test(operands[0] ?? "") ? 1 : 0;
  const [key, value] = operands.slice(keyAt);
  if (key === undefined || value === undefined || !GIT_PROGRAM_KEY.test(key)) return null;
  if (/^alias\./i.test(key) && !value.trimStart().startsWith("!")) return null;
  if (/^remote\./i.test(key)) return null;
  return "plants a program or redirection in git's configuration";
}

const MAIN_BRANCH = /^(?:refs\/heads\/)?(?:main|master|trunk|develop|production|release(?:[-/].*)?)$/;

function gitPush(args: readonly { text: string }[]): string | null {
  const words = args.map((arg) => arg.text);
  const at = words.indexOf("push");
  const rest = words.slice(at + 1);
  const options = rest.filter((word) => word.startsWith("-"));
  const refs = rest.filter((word) => !word.startsWith("-")).slice(1);
  const targets = refs.map((ref) => ref.slice(ref.indexOf(":") + 1).replace(/^\+/, ""));
  const main = targets.some((target) => MAIN_BRANCH.test(target));
  if (
    options.some((word) => /^(?:--force|--mirror|--prune)$/.test(word) || /^-[a-zA-Z]*f/.test(word)) ||
    refs.some((ref) => ref.startsWith("+"))
  ) {
    return "rewrites or removes shared branches";
  }
  const deletes =
    options.some((word) => word === "--delete" || /^-[a-zA-Z]*d/.test(word)) ||
    refs.some((ref) => ref.startsWith(":"));
  if (main && (deletes || options.some((word) => word.startsWith("--force-with-lease"))))
    return "rewrites or removes a shared main branch";
  return rest.some((word) => /^--(?:receive-pack|exec)=/.test(word)) ||
    rest.some((word) => /^ext::/.test(word))
    ? "lets git start another program"
    : null;
}

/** Rewriting shared or recorded history, and planting programs in git's configuration. */
export const gitWrites: ForbidRule = ({ args }) => {
  const words = args.map((arg) => arg.text);
  const verb = operandsOf(args, "Cc")[0]?.text;
  if (verb === "config") return gitConfig(args);
  if (verb === "push") return gitPush(args);
  if (verb === "filter-branch" || verb === "filter-repo") return "rewrites the whole history";
  if (
    verb === "reflog" &&
    !words.includes("--dry-run") &&
    words.some((word) => word === "expire" || word === "delete")
  )
    return "removes the record that makes git undo possible";
  if (verb === "gc" && words.some((word) => /^--prune=(?:now|all)/.test(word)))
    return "removes objects that git could still bring back";
  if (verb === "prune") return "removes objects that git could still bring back";
  if (verb === "update-ref" && words.includes("-d")) return "removes a branch behind git's back";
  if (
    /^(?:clone|fetch|pull|ls-remote|remote|submodule)$/.test(verb ?? "") &&
    words.some((word) => word.startsWith("ext::"))
  )
    return "lets git start another program";
  return null;
};
