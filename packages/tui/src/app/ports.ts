import type { Client } from "@quire/client";
import type { LastingClient } from "@quire/client/lasting";
import type { ModeKind } from "@quire/protocol";
import type { Palette } from "../terminal/encode.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ThreadSettings } from "./thread-settings.ts";

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

/** A prompt that the user keeps in a file: its name without `.md`, and what the file holds. */
export interface PromptFile {
  readonly name: string;
  readonly text: string;
}

/** A turn that has ended, for a program that the user has named. */
export interface EndedTurn {
  readonly threadId: string;
  readonly turnId: string;
  readonly cwd: string;
  /** What the user said in it. */
  readonly inputMessages: readonly string[];
  readonly lastAssistantMessage: string | null;
}

/** What the command line of this program can print about a thread or this machine. */
export interface Reports {
  /** Whether there is a command of this name. */
  has(name: string): boolean;
  /** What it prints for these words in this folder, also when it fails. */
  run(name: string, words: readonly string[], cwd: string): Promise<string>;
  /** What the next request of a thread holds, piece by piece, also when that cannot be said. */
  nextRequest(of: NextRequest): Promise<string>;
}

/** The request that a message would be sent with now. */
export interface NextRequest {
  /** Null while nothing was said in the thread: it has no log yet. */
  readonly threadId: string | null;
  /** With what was changed and not sent yet. */
  readonly settings: ThreadSettings;
  readonly mode: ModeKind;
}

/** What a guided set-up changes beside config.toml, which is written through the app-server. */
export interface SetupPorts {
  /** Whether the user was asked before. */
  isDone(): boolean;
  markDone(): void;
  /** Keeps an API key where `quire login` does; says where that is. */
  storeKey(key: string): Promise<string>;
  /** Whether this environment variable is set. */
  hasVariable(name: string): boolean;
}

/** The world around the program, given by the composition root. */
export interface TuiPorts {
  /** Connected and initialized; the root closes it. */
  readonly client: Client;
  /** Of an engine elsewhere, to which it may get lost and come back; null for one in this process. */
  readonly connection: Pick<LastingClient, "state" | "onState" | "onReconnected"> | null;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly palette: Palette;
  /** The palette's theme is a guess: the terminal is asked for its background, and its answer counts when it comes. */
  readonly asksBackground: boolean;
  readonly inputHistory: InputHistory;
  /** `[tui]` of config.toml in its own words. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Lets the user write in a program of their own; null when they have none or it failed, with the reason shown. */
  readonly editText: (text: string) => Promise<string | null>;
  /** Writes the picture on the clipboard to a file and gives its path; null when there is none. */
  readonly clipboardImage: () => Promise<string | null>;
  /** Writes a file for the user; fails with what the file system says. */
  readonly saveFile: (path: string, text: string) => Promise<void>;
  /** The branch of a folder's repository, for the status line; null outside of one. */
  readonly branchOf: (folder: string) => Promise<string | null>;
  readonly savedPrompts: () => Promise<readonly PromptFile[]>;
  readonly reports: Reports;
  /** Null where there is nothing to set up from here. */
  readonly setup: SetupPorts | null;
  /** Records whether the settings that a folder's project brings count; null where that cannot be decided from here. */
  readonly decideTrust: ((folder: string, level: "trusted" | "untrusted") => Promise<void>) | null;
  /** Stops this process, as Ctrl-Z does in a shell; resolves when it goes on. */
  readonly suspend: () => Promise<void>;
  /** Told of every turn that has ended. */
  readonly turnEnded: (turn: EndedTurn) => void;
  /** Aborted when the process is asked to end, or has to. */
  readonly stop: AbortSignal;
  /** Whether somebody types; what comes through a pipe is taken one turn after another. */
  readonly isTyped: boolean;
  /** Aborted when nothing can be written any more: the end of a pipe. */
  readonly inputEnded: AbortSignal;
  /** Calls at Ctrl-C where the terminal does not give it as a key, until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  readonly version: string;
  /** Of the user, shown as ~. */
  readonly homeDir: string;
}
