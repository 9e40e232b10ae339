import type { ColourDepth, Palette, Terminal } from "@quire/tui";
import { DARK, LIGHT, PLAIN } from "@quire/tui";
import type { System } from "../system.ts";

/** The terminal that this process was started in. */
export function processTerminal({ stdin, stdout, env }: Pick<System, "stdin" | "stdout" | "env">): Terminal {
  // The multiplexer screen has one only where its user has switched it on, which nobody can ask.
  const isScreen = env.STY !== undefined || env.TERM?.startsWith("screen") === true;
  return {
    hasOtherScreen: !isScreen || env.TMUX !== undefined,
    get columns() {
      return stdout.columns ?? 80;
    },
    get rows() {
      return stdout.rows ?? 24;
    },
    write: (bytes) => stdout.write(bytes),
    onDrain: (listener) => {
      stdout.on("drain", listener);
      return () => stdout.off("drain", listener);
    },
    onResize: (listener) => {
      stdout.on("resize", listener);
      return () => stdout.off("resize", listener);
    },
    onInput: (listener) => {
      stdin.on("data", listener);
      stdin.resume();
      return () => {
        stdin.off("data", listener);
        stdin.pause();
      };
    },
    setRaw(raw) {
      stdin.setRawMode?.(raw);
    },
  };
}

/** What this terminal can show, by the variables that terminals and their users set. */
export function paletteOf(env: System["env"]): Palette {
  const depth = depthOf(env);
  return { depth, theme: depth === "none" ? PLAIN : isLight(env) ? LIGHT : DARK, links: showsLinks(env) };
}

function depthOf(env: System["env"]): ColourDepth {
  if (env.NO_COLOR || env.TERM === "dumb") return "none";
  if (env.COLORTERM === "truecolor" || env.COLORTERM === "24bit" || env.WT_SESSION) return "truecolor";
  return env.TERM?.includes("256") || env.TMUX ? "ansi256" : "ansi16";
}

/** rxvt's COLORFGBG, which others set as well: the last number is the background, 7 and 15 are light. */
function isLight(env: System["env"]): boolean {
  const background = env.COLORFGBG?.split(";").at(-1);
  return background === "7" || background === "15";
}

/** Whether the terminal should be asked for its background, since no variable says it and colours depend on it. */
export function asksBackground(env: System["env"]): boolean {
  return !env.COLORFGBG && depthOf(env) !== "none";
}

/** Old terminals, and the multiplexer screen, print OSC 8 as text. */
function showsLinks(env: System["env"]): boolean {
  return Boolean(env.TERM_PROGRAM || env.WT_SESSION || env.VTE_VERSION || env.KITTY_WINDOW_ID);
}
