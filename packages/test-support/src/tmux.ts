import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
/** How long something may take that has to come; far more than it needs on a machine with other work. */
const PATIENCE_MS = 60_000;

export interface TmuxOptions {
  /** An existing folder for the socket, so that no other server can have the same one. */
  readonly folder: string;
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
  /** Of the server and, unless the command says otherwise, of what runs in it. */
  readonly env: NodeJS.ProcessEnv;
  /** In a shell's words. */
  readonly command: string;
}

/** A program in a window of tmux, on a server of its own. The window stays when the program has ended. */
export interface Tmux extends AsyncDisposable {
  /** A command of tmux, such as `send-keys`; gives what it prints. */
  run(...args: string[]): Promise<string>;
  /** What is on the screen, a row a line. */
  screen(): Promise<string>;
  /** The process in the window. */
  pid(): Promise<number>;
}

let servers = 0;

export async function openTmux(options: TmuxOptions): Promise<Tmux> {
  servers += 1;
  const name = `t${servers}`;
  const env = { ...options.env, TMUX_TMPDIR: options.folder };
  const tmux = async (...args: string[]) =>
    (await run("tmux", ["-L", name, ...args], { maxBuffer: 64 * 1024 * 1024, env })).stdout;
  const size = ["-x", String(options.columns), "-y", String(options.rows)];
  // One call, so that nothing can happen between its parts.
  await tmux(
    ...["-f", "/dev/null", "start-server", ";"],
    ...["set-option", "-g", "remain-on-exit", "on", ";"],
    ...["set-option", "-g", "history-limit", "50000", ";"],
    ...["new-session", "-d", "-s", "t", ...size, "-c", options.cwd, options.command],
  );
  const pid = async () => Number(await tmux("display-message", "-p", "-t", "t", "#{pane_pid}"));
  return {
    run: tmux,
    screen: async () => (await tmux("capture-pane", "-p", "-t", "t")).trimEnd(),
    pid,
    async [Symbol.asyncDispose]() {
      const pane = await pid().catch(() => null); // the server may have ended with its last window
      const programs = pane === null ? [] : [pane, ...(await childrenOf(pane))];
      await tmux("kill-server").catch(() => undefined);
      // A program that is still on its way out may write into folders that are removed next.
      await allGone(programs);
    },
  };
}

/** The children of a process that is there; none of one that is not. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => ""); // it has ended
  return children.split(" ").filter(Boolean).map(Number);
}

/** Looks until something is found; fails with what `missing` says when that takes too long. */
export async function lookFor<T>(look: () => Promise<T | null>, missing: () => string): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(missing());
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

async function allGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await lookFor(
      async () => ((await isRunning(pid)) ? null : true),
      () => `process ${pid} of a window did not end`,
    );
  }
}

/** One that has ended and that nobody has asked about does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX"); // gone altogether
  return !/^State:\s+[ZX]/m.test(status);
}
