import { hasOption, optionValues } from "../shell/write-targets.ts";
import type { ForbidRule, ForbidRules } from "./forbid-rule.ts";
import { gitWrites } from "./git-writes.ts";

const crontab: ForbidRule = ({ args }) => (hasOption(args, "l") ? null : "plants a job that runs later");
const later: ForbidRule = ({ args, name }) =>
  name === "at" && hasOption(args, "lcV") ? null : "plants a job that runs later";

/** Package managers whose settings decide where code comes from or what runs with it. */
const packageSettings: ForbidRule = ({ name, args }) => {
  const words = args.map((arg) => arg.text);
  const sets =
    (/^(?:config|c)$/.test(words[0] ?? "") && /^(?:set|--set|edit)$/.test(words[1] ?? "")) ||
    (name === "npm" && words[0] === "set");
  const weighty =
    /registry|script-shell|onload-script|node-options|init-module|prefix|index-url|trusted-host|proxy|strict-ssl|cafile/i;
  return sets && words.some((word) => weighty.test(word))
    ? "changes where packages come from or what runs with them"
    : null;
};

const history: ForbidRule = ({ args }) =>
  hasOption(args, "cdw") ? "removes the record of past commands" : null;

const logs: ForbidRule = ({ name, args }) => {
  if (name === "journalctl")
    return args.some((arg) => /^--(?:vacuum|rotate|flush)/.test(arg.text))
      ? "removes the machine's logs"
      : null;
  return hasOption(args, "Cc", "--clear", "--read-clear") ? "removes the machine's logs" : null;
};

const publish: ForbidRule = ({ name, args }) => {
  const words = args.map((arg) => arg.text);
  if (name === "ssh-copy-id") return "opens a login on another machine";
  if (name === "gh")
    return words[0] === "repo" && words[1] === "delete"
      ? "deletes a whole repository"
      : words[0] === "ssh-key" && words[1] === "add"
        ? "opens a login"
        : null;
  return null;
};

/** Things that run later or hide traces. */
export const PERSISTENCE: ForbidRules = {
  crontab,
  at: later,
  batch: later,
  loginctl: ({ args }) =>
    args.some((arg) => arg.text === "enable-linger") ? "makes programs outlive the session" : null,
  launchctl: ({ args }) =>
    args.some((arg) => /^(?:load|bootstrap|enable|submit)$/.test(arg.text))
      ? "makes a program start by itself"
      : null,
  "update-rc.d": () => "makes a program start by itself",
  chkconfig: () => "makes a program start by itself",
  git: gitWrites,
  npm: packageSettings,
  pnpm: packageSettings,
  yarn: packageSettings,
  pip: packageSettings,
  pip3: packageSettings,
  history,
  journalctl: logs,
  dmesg: logs,
  "ssh-copy-id": publish,
  gh: publish,
  enable: ({ args }) => (optionValues(args, "f").length > 0 ? "loads foreign code into the shell" : null),
};
