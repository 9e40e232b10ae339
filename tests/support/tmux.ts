import { childrenOf, lookFor, openTmux, QUIRE_BIN } from "@quire/test-support";
import type { ExecWorld } from "./exec-world.ts";

/** On the screen when a dialog takes keys; those that come sooner were meant for what was there before. */
export const TAKES_KEYS = "Enter take";
/** On the screen when `quire` has ended, with its exit code: `[ended with 0]`. */
export const ENDED = "[ended with ";

export interface TmuxOptions {
  columns?: number;
  rows?: number;
  env?: Readonly<Record<string, string>>;
  /** The words behind `quire`. */
  args?: readonly string[];
  /** Starts a shell instead, in which `quire` is a command. */
  shell?: boolean;
}

/** Words on the screen, or what the screen has to be like. */
export type Wanted = string | RegExp | ((screen: string) => boolean);

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

export async function quireInTmux(world: ExecWorld, options: TmuxOptions = {}): Promise<TmuxWindow> {
  const tmux = await openTmux({
    folder: world.home.path,
    cwd: world.repository.path,
    columns: options.columns ?? 100,
    rows: options.rows ?? 30,
    env: { ...process.env, LANG: "C.UTF-8" },
    command: commandOf(world, options),
  });
  const keys = async (...args: string[]) => {
    await tmux.run("send-keys", "-t", "t", ...args);
  };
  const waitFor = async (...wanted: readonly Wanted[]) => {
    let text = "";
    let missing: Wanted | undefined;
    return lookFor(
      async () => {
        text = await tmux.screen();
        missing = wanted.find((one) => !accepts(text, one));
        return missing === undefined ? text : null;
      },
      () => `The screen never showed ${String(missing)}. It shows:\n${text}`,
    );
  };
  return {
    screen: () => tmux.screen(),
    everything: async () => (await tmux.run("capture-pane", "-p", "-J", "-S", "-", "-t", "t")).trimEnd(),
    type: (text) => keys("-l", text),
    press: (...names) => keys(...names),
    title: async () => (await tmux.run("display-message", "-p", "-t", "t", "#{pane_title}")).trimEnd(),
    kill: async (signal) => {
      const [child] = await childrenOf(await tmux.pid());
      if (child === undefined) throw new Error("the program in the window has ended already");
      process.kill(child, signal);
    },
    resize: async (columns, rows) => {
      await tmux.run("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows));
    },
    async enter(text) {
      await keys("-l", text);
      await waitFor((shown) => flat(shown.slice(shown.lastIndexOf("›"))).includes(flat(text)));
      await keys("Enter");
    },
    waitFor,
    [Symbol.asyncDispose]: () => tmux[Symbol.asyncDispose](),
  };
}

function commandOf(world: ExecWorld, { args = [], env = {}, shell }: TmuxOptions): string {
  const variables = {
    QUIRE_HOME: world.quireHome,
    HOME: world.home.path,
    TEST_KEY: "key-for-tests",
    LANG: "C.UTF-8",
    ...env,
  };
  const assignments = Object.entries(variables).map(([key, value]) => `${key}=${quoted(value)}`);
  const program = [quoted(QUIRE_BIN), ...args.map(quoted)].join(" ");
  // The end is written by a shell: tmux itself sometimes misses that the program of a window has ended.
  const watched = `sh -c ${quoted(`${program}; printf '${ENDED}%s]\n' $?; exec sleep 600`)}`;
  const inside = shell ? "bash --norc --noprofile -i" : watched;
  return ["exec", "env", "-u", "NO_COLOR", ...assignments, inside].join(" ");
}

function accepts(screen: string, wanted: Wanted): boolean {
  if (typeof wanted === "function") return wanted(screen);
  return typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen);
}

/** Words without the space between them: on a narrow screen a text is broken anywhere. */
function flat(text: string): string {
  return text.replace(/\s+/g, "");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
