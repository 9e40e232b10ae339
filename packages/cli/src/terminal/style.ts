import type { System } from "../system.ts";

/** Colours for a terminal; every function returns its text unchanged when colour is off. */
export interface Style {
  readonly enabled: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export type ColorChoice = "auto" | "always" | "never";

/** `auto` colours a terminal that wants it: NO_COLOR (https://no-color.org) and TERM=dumb are respected. */
export function styleFor(system: Pick<System, "env" | "stderr">, choice: ColorChoice): Style {
  const wanted = Boolean(system.stderr.isTTY) && !system.env.NO_COLOR && system.env.TERM !== "dumb";
  const enabled = choice === "always" || (choice === "auto" && wanted);
  const paint = (open: number, close: number) => (text: string) =>
    enabled ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    enabled,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
