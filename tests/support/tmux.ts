import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { QUIRE_BIN } from "@quire/test-support";
import type { ExecWorld } from "./exec-world.ts";

const run = promisify(execFile);
let windows = 0;

export interface TmuxOptions {
  columns?: number;
  rows?: number;
  env?: Readonly<Record<string, string>>;
  /** The words behind `quire`. */
  args?: readonly string[];
  /** Starts a shell instead, in which `quire` is a command. */
  shell?: boolean;
}

/** On the screen when `quire` has ended, with its exit code: `[ended with 0]`. */
export const ENDED = "[ended with ";

/** `quire` in a real terminal: tmux, on a server of its own that nobody else sees. */
export interface TmuxWindow extends AsyncDisposable {
  /** What is on the screen, a row a line. */
  screen(): Promise<string>;
  /** The screen with everything that has been scrolled off it. */
  everything(): Promise<string>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** Presses keys by tmux's names: Enter, Escape, C-c, Up. */
  press(...keys: string[]): Promise<void>;
  /** The title that the program has given its window. */
  title(): Promise<string>;
  /** Sends a signal to the program in the window. */
  kill(signal: NodeJS.Signals): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The first screen that the test accepts; fails with the last one that it did not. */
  waitFor(wanted: string | RegExp | ((screen: string) => boolean), timeoutMs?: number): Promise<string>;
}

export async function quireInTmux(world: ExecWorld, options: TmuxOptions = {}): Promise<TmuxWindow> {
  windows += 1;
  const name = `quire-test-${process.pid}-${windows}`;
  const tmux = (...args: string[]) => run("tmux", ["-L", name, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const env = {
    QUIRE_HOME: world.quireHome,
    HOME: world.home.path,
    TEST_KEY: "key-for-tests",
    LANG: "C.UTF-8",
    ...options.env,
  };
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${quoted(value)}`);
  const program = [quoted(QUIRE_BIN), ...(options.args ?? []).map(quoted)].join(" ");
  // The end is written by a shell: tmux itself sometimes misses that the program of a window has ended.
  const watched = `sh -c ${quoted(`${program}; printf '[ended with %s]\n' $?; exec sleep 600`)}`;
  const shell = "bash --norc --noprofile -i";
  const command = ["exec", "env", "-u", "NO_COLOR", ...assignments, options.shell ? shell : watched].join(
    " ",
  );
  const size = ["-x", String(options.columns ?? 100), "-y", String(options.rows ?? 30)];
  await run(
    "tmux",
    [
      "-L",
      name,
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-s",
      "t",
      ...size,
      "-c",
      world.repository.path,
      "sh",
    ],
    {
      env: { ...process.env, LANG: "C.UTF-8" },
    },
  );
  // The window stays when the program has ended, so that what it leaves behind can be looked at.
  await tmux("set-option", "-g", "remain-on-exit", "on");
  await tmux("set-option", "-g", "history-limit", "50000");
  await tmux("respawn-pane", "-k", "-t", "t", "-c", world.repository.path, command);
  const screen = async () => (await tmux("capture-pane", "-p", "-t", "t")).stdout.trimEnd();
  return {
    screen,
    everything: async () => (await tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "t")).stdout.trimEnd(),
    type: async (text) => {
      await tmux("send-keys", "-t", "t", "-l", text);
    },
    press: async (...keys) => {
      await tmux("send-keys", "-t", "t", ...keys);
    },
    title: async () => (await tmux("display-message", "-p", "-t", "t", "#{pane_title}")).stdout.trimEnd(),
    kill: async (signal) => {
      const { stdout } = await tmux("display-message", "-p", "-t", "t", "#{pane_pid}");
      const pid = stdout.trim();
      const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
      process.kill(Number(child), signal);
    },
    resize: async (columns, rows) => {
      await tmux("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows));
    },
    async waitFor(wanted, timeoutMs = 15_000) {
      const accepts =
        typeof wanted === "function"
          ? wanted
          : (text: string) => (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text));
      const end = Date.now() + timeoutMs;
      for (;;) {
        const text = await screen();
        if (accepts(text)) return text;
        if (Date.now() > end)
          throw new Error(`The screen never showed ${String(wanted)}. It shows:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    },
    async [Symbol.asyncDispose]() {
      await tmux("kill-server").catch(() => undefined); // it may have ended with its last window
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
