import { askedOnce } from "../shell/script-model.ts";
import type { ForbidRule, ForbidRules } from "./forbid-rule.ts";

const AGENT_VARIABLE = /^(?:QUIRE|CODEX|CLAUDE_CODE)_/;
const AGENT_PROGRAM = /^(?:quire|codex|claude|gemini|opencode|aider|bwrap|bubblewrap)(?:$|[-_. /])/i;
const HISTORY_VARIABLE = /^(?:HISTFILE|HISTSIZE|HISTCONTROL|HISTIGNORE|HISTFILESIZE)$/;

/** A script that looks the agent up: `pgrep quire`. */
const findsAgent = askedOnce((script) =>
  script.commands.some((command) => command.words.some((word) => AGENT_PROGRAM.test(word.text))),
);

const killer: ForbidRule = ({ name, args }) => {
  if (args.some((arg) => AGENT_PROGRAM.test(arg.text) || /\b(?:quire|codex)\b/.test(arg.text)))
    return "stops the agent itself";
  if (name === "killall5") return "stops every process";
  const fixed = args.map((arg) => arg.text);
  if (name === "pkill" || name === "killall" || name === "skill" || name === "slay") {
    return fixed.some(
      (word) =>
        /^(?:-u|-U|--euid|--uid|-v|--inverse)$/.test(word) || word === ".*" || word === "." || word === "",
    )
      ? "stops every process of a user"
      : null;
  }
  if (args.some((arg) => arg.variables.includes("PPID"))) return "stops the agent itself";
  if (args.some((arg) => arg.substituted.some((each) => findsAgent(each.script))))
    return "stops the agent itself";
  const pids = killPids(fixed);
  return pids.some((word) => word === "1" || word === "-1" || word === "0" || /^-?0+1?$/.test(word))
    ? "stops every process"
    : null;
};

/** What follows the signal: `-9 -1` names the signal 9 and the target -1. */
function killPids(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  if (first === "-s" || first === "-n" || first === "--signal")
    return words.slice(2).filter((word) => word !== "--");
  const signal = first !== undefined && /^-(?:[0-9]+|[A-Z][A-Z0-9+]*|[a-z]+)$/.test(first) && rest.length > 0;
  return (signal ? rest : [...words]).filter((word) => word !== "--");
}

const UNGUARDED =
  /^(?:--dangerously-[a-z-]+|--yolo|--danger-full-access|--no-sandbox|--skip-permissions|--allow-dangerously-skip-permissions|danger-full-access|--full-access|--ask-for-approval=never|--approval-mode=yolo|--sandbox=(?:danger-full-access|off|none))$/;

const agent: ForbidRule = ({ name, args }) => {
  if (!/^(?:quire|codex|claude|gemini|opencode|cursor-agent)$/.test(name)) return null;
  const words = args.map((arg) => arg.text);
  if (words.some((word) => UNGUARDED.test(word) || /(?:approval_policy|sandbox_mode)\s*=/.test(word)))
    return "starts an agent without its guards";
  return (words.includes("mcp") && words.includes("add")) || (words[0] === "config" && words[1] === "set")
    ? "changes the agent's own configuration"
    : null;
};

const variables: ForbidRule = ({ name, args, command }) => {
  const assigned = command.assignments.map((each) => each.name);
  const named = /^(?:export|unset|declare|typeset|readonly|env)$/.test(name)
    ? args.map((arg) => arg.text.replace(/=.*$/s, ""))
    : [];
  if ([...assigned, ...named].some((each) => AGENT_VARIABLE.test(each)))
    return "changes the agent's own settings";
  if (
    named.some((each) => HISTORY_VARIABLE.test(each)) ||
    assigned.some((each) => HISTORY_VARIABLE.test(each))
  )
    return "switches off the record of commands";
  return [...command.assignments].some(
    (each) => each.name === "LD_PRELOAD" && /^\/(?:tmp|dev\/shm|var\/tmp)\//.test(each.value.text),
  )
    ? "loads foreign code into every program"
    : null;
};

/** Looking into the agent or the first process with a debugger. */
const attach: ForbidRule = ({ args }) => {
  const inside = args.some(
    (arg) =>
      arg.variables.includes("PPID") ||
      AGENT_PROGRAM.test(arg.text) ||
      arg.substituted.some((each) => findsAgent(each.script)),
  );
  const first = args.some(
    (arg, index) => arg.text === "-p1" || (arg.text === "-p" && args[index + 1]?.text === "1"),
  );
  return inside || first ? "looks into the agent or the first process" : null;
};

/** What turns against the agent itself: its process, its settings, its record. */
export const AGENT: ForbidRules = {
  kill: killer,
  pkill: killer,
  killall: killer,
  killall5: killer,
  skill: killer,
  gdb: attach,
  gcore: attach,
  strace: attach,
  ltrace: attach,
  "*": (effective, around) => agent(effective, around) ?? variables(effective, around),
};
