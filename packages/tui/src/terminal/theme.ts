import type { Ink, Span } from "../text/styled-line.ts";

/** Colours a terminal can show. `none` also stands for NO_COLOR and for plain mode. */
export type ColourDepth = "none" | "ansi16" | "ansi256" | "truecolor";

/** A colour in the three forms that terminals take: the number of the 16, of the 256, and red, green, blue. */
export interface Colour {
  readonly ansi16: number;
  readonly ansi256: number;
  readonly rgb: readonly [number, number, number];
}

/** What inks and grounds look like. An ink without a colour is drawn in the terminal's own foreground. */
export interface Theme {
  readonly name: string;
  readonly inks: Partial<Record<Ink, Colour>>;
  readonly grounds: Partial<Record<NonNullable<Span["ground"]>, Colour>>;
}

const colour = (ansi16: number, ansi256: number, rgb: Colour["rgb"]): Colour => ({ ansi16, ansi256, rgb });

/** For dark backgrounds: every ink reaches a contrast of 4.5 to 1 against black. */
export const DARK: Theme = {
  name: "dark",
  inks: {
    muted: colour(90, 245, [138, 138, 138]),
    accent: colour(36, 80, [95, 215, 215]),
    good: colour(32, 114, [135, 215, 135]),
    bad: colour(91, 210, [255, 135, 135]),
    warn: colour(33, 221, [255, 215, 95]),
    heading: colour(96, 117, [135, 215, 255]),
    link: colour(94, 111, [135, 175, 255]),
    code: colour(36, 152, [175, 215, 215]),
    added: colour(32, 114, [135, 215, 135]),
    removed: colour(91, 210, [255, 135, 135]),
    keyword: colour(95, 177, [215, 135, 255]),
    string: colour(32, 150, [175, 215, 135]),
    number: colour(33, 216, [255, 175, 135]),
    comment: colour(90, 245, [138, 138, 138]),
    name: colour(94, 117, [135, 215, 255]),
    type: colour(93, 222, [255, 215, 135]),
  },
  grounds: {
    added: colour(42, 22, [0, 55, 20]),
    removed: colour(41, 52, [75, 15, 20]),
    selected: colour(100, 238, [68, 68, 68]),
    raised: colour(40, 235, [38, 38, 38]),
  },
};

/** For light backgrounds: every ink reaches a contrast of 4.5 to 1 against white. */
export const LIGHT: Theme = {
  name: "light",
  inks: {
    muted: colour(90, 241, [98, 98, 98]),
    accent: colour(36, 30, [0, 115, 115]),
    good: colour(32, 28, [0, 115, 0]),
    bad: colour(31, 124, [175, 0, 0]),
    warn: colour(33, 94, [135, 80, 0]),
    heading: colour(34, 25, [0, 85, 165]),
    link: colour(34, 26, [0, 80, 200]),
    code: colour(36, 24, [0, 80, 110]),
    added: colour(32, 28, [0, 115, 0]),
    removed: colour(31, 124, [175, 0, 0]),
    keyword: colour(35, 90, [125, 0, 125]),
    string: colour(32, 22, [0, 90, 0]),
    number: colour(31, 130, [160, 75, 0]),
    comment: colour(90, 241, [98, 98, 98]),
    name: colour(34, 25, [0, 85, 165]),
    type: colour(33, 94, [135, 80, 0]),
  },
  grounds: {
    added: colour(102, 194, [215, 250, 220]),
    removed: colour(101, 224, [255, 220, 220]),
    selected: colour(47, 253, [218, 218, 218]),
    raised: colour(107, 255, [240, 240, 240]),
  },
};

/** Only bold, dim, underline and the like. */
export const PLAIN: Theme = { name: "plain", inks: {}, grounds: {} };

export const THEMES: readonly Theme[] = [DARK, LIGHT, PLAIN];

/** The theme for a background, each part from 0 to 1; the weights are those of ITU-R BT.709. */
export function themeFor({ red, green, blue }: { red: number; green: number; blue: number }): Theme {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? LIGHT : DARK;
}
