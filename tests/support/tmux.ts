import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { QUIRE_BIN } from "@quire/test-support";
import type { ExecWorld } from "./exec-world.ts";

const run = promisify(execFile);
let windows = 0;
/** How long something may take that has to come; far more than it needs on a machine with other work. */
const PATIENCE_MS = 60_000;
/** On the screen when a dialog takes keys; those that come sooner were meant for what was there before. */
export const TAKES_KEYS = "Enter take";

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
  /** Types a text where the cursor's mark stands, and presses Enter once it is there. */
  enter(text: string): Promise<void>;
  /** The first screen that holds everything that is wanted; fails with the last one that did not. */
  waitFor(...wanted: readonly Wanted[]): Promise<string>;
}

/** Words on the screen, or what the screen has to be like. */
export type Wanted = string | RegExp | ((screen: string) => boolean);

export async function quireInTmux(world: ExecWorld, options: TmuxOptions = {}): Promise<TmuxWindow> {
  windows += 1;
  // The socket lies in the world's own home, so no other test or window can have the same one.
  const server = { TMUX_TMPDIR: world.home.path, LANG: "C.UTF-8" };
  const name = `t${windows}`;
  const tmux = (...args: string[]) =>
    run("tmux", ["-L", name, ...args], {
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...server },
    });
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
  // One call, so that nothing can happen between its parts. The window stays when the program has ended, so that what it
  // leaves behind can be looked at.
  await tmux(
    ...["-f", "/dev/null", "start-server", ";"],
    ...["set-option", "-g", "remain-on-exit", "on", ";"],
    ...["set-option", "-g", "history-limit", "50000", ";"],
    ...["new-session", "-d", "-s", "t", ...size, "-c", world.repository.path, command],
  );
  const panePid = async () => {
    const { stdout } = await tmux("display-message", "-p", "-t", "t", "#{pane_pid}");
    return Number(stdout.trim());
  };
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
      const [child] = await childrenOf(await panePid());
      if (child === undefined) throw new Error("the program in the window has ended already");
      process.kill(child, signal);
    },
    resize: async (columns, rows) => {
      await tmux("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows));
    },
    async enter(text) {
      await tmux("send-keys", "-t", "t", "-l", text);
      await waitFor((shown) => flat(shown.slice(shown.lastIndexOf("›"))).includes(flat(text)));
      await tmux("send-keys", "-t", "t", "Enter");
    },
    waitFor,
    async [Symbol.asyncDispose]() {
      const pane = await panePid().catch(() => null); // the server may have ended with its last window
      const programs = pane === null ? [] : [pane, ...(await childrenOf(pane))];
      await tmux("kill-server").catch(() => undefined);
      // A program that is still on its way out may write into folders that are removed next.
      await allGone(programs);
    },
  };

  async function waitFor(...wanted: readonly Wanted[]): Promise<string> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const text = await screen();
      const missing = wanted.find((one) => !accepts(text, one));
      if (missing === undefined) return text;
      if (Date.now() > end) throw new Error(`The screen never showed ${String(missing)}. It shows:\n${text}`);
      await pause();
    }
  }
}

function accepts(screen: string, wanted: Wanted): boolean {
  if (typeof wanted === "function") return wanted(screen);
  return typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen);
}

/** Words without the space between them: on a narrow screen a text is broken anywhere. */
function flat(text: string): string {
  return text.replace(/\s+/g, "");
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => ""); // it has ended
  return children.split(" ").filter(Boolean).map(Number);
}

async function allGone(pids: readonly number[]): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (const pid of pids) {
    while (await isRunning(pid)) {
      if (Date.now() > end) throw new Error(`process ${pid} of a window did not end`);
      await pause();
    }
  }
}

/** One that has ended and that nobody has asked about does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX"); // gone altogether
  return !/^State:\s+[ZX]/m.test(status);
}

/** Between two looks. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 40));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
