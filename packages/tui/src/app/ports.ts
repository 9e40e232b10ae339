import type { Client } from "@quire/client";
import type { Palette } from "../terminal/encode.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls once after a time; returns the function that calls it off. */
  after(ms: number, call: () => void): () => void;
}

/** Inputs of earlier runs, so that they can be had back. */
export interface InputHistory {
  /** Newest first. */
  read(): readonly string[];
  append(text: string): void;
}

/** The world around the program, given by the composition root. */
export interface TuiPorts {
  /** Connected and initialized; the root closes it. */
  readonly client: Client;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly palette: Palette;
  /** The palette's theme is a guess: the terminal is asked for its background, and its answer counts when it comes. */
  readonly asksBackground: boolean;
  readonly inputHistory: InputHistory;
  /** Lets the user write in a program of their own; null when they have none or it failed, with the reason shown. */
  readonly editText: (text: string) => Promise<string | null>;
  /** Writes the picture on the clipboard to a file and gives its path; null when there is none. */
  readonly clipboardImage: () => Promise<string | null>;
  /** Writes a file for the user; fails with what the file system says. */
  readonly saveFile: (path: string, text: string) => Promise<void>;
  /** The branch of a folder's repository, for the status line; null outside of one. */
  readonly branchOf: (folder: string) => Promise<string | null>;
  /** Told when the user is wanted, for a program of theirs. */
  readonly notify: (event: { kind: "approval" | "question" | "turnEnded"; text: string }) => void;
  readonly version: string;
  /** Of the user, shown as ~. */
  readonly homeDir: string;
}
