import { spawn } from "node:child_process";
import type { EndedTurn } from "@quire/tui";
import type { System } from "../system.ts";

/** What a program that shows a notice needs of the environment, and nothing that may hold a secret. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TERM",
  "TMPDIR",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "XDG_SESSION_TYPE",
  "XDG_CURRENT_DESKTOP",
  "DBUS_SESSION_BUS_ADDRESS",
  "TMUX",
  "TMUX_PANE",
];
const LONGEST_RUN_MS = 30_000;
/** One argument of a program must stay below the system's limit of 128 KiB. */
const LONGEST_TEXT = 16_000;

/**
 * Runs the program of `notify` in config.toml after a turn, without a shell: its own arguments, then one with JSON in the
 * form that Codex gives. It is nobody's child for long, its output goes nowhere, and that it cannot be started is not an
 * error of the turn.
 */
export function notifyProgram(argv: readonly string[] | null, { env }: Pick<System, "env">) {
  return (turn: EndedTurn): void => {
    const [program, ...args] = argv ?? [];
    if (program === undefined) return;
    const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
    const child = spawn(program, [...args, notifyArgument(turn)], {
      cwd: turn.cwd,
      env: passed,
      stdio: "ignore",
      timeout: LONGEST_RUN_MS,
    });
    child.on("error", () => undefined); // there is no such program: nobody is called
    child.unref();
  };
}

/** The JSON that the program gets. */
function notifyArgument(turn: EndedTurn): string {
  return JSON.stringify({
    type: "agent-turn-complete",
    "thread-id": turn.threadId,
    "turn-id": turn.turnId,
    cwd: turn.cwd,
    client: "quire-tui",
    "input-messages": turn.inputMessages.map(shortened),
    "last-assistant-message":
      turn.lastAssistantMessage === null ? null : shortened(turn.lastAssistantMessage),
  });
}

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
