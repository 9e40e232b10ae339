import type { Client } from "@quire/client";
import type { Reports, SetupPorts } from "../app/ports.ts";
import type { Ask } from "../app/questions.ts";
import type { ThreadLink } from "../app/thread-link.ts";
import type { ThreadQueue } from "../app/thread-queue.ts";
import type { ThreadSet } from "../app/thread-set.ts";
import type { Preferences } from "../preferences/preferences.ts";
import type { StyledLine } from "../text/styled-line.ts";

/** What a slash command may do: each gets this and nothing else. */
export interface CommandContext {
  readonly client: Client;
  /** The thread that is shown. */
  readonly thread: ThreadLink;
  readonly ask: Ask;
  /** Prints the command's answer between the blocks. */
  readonly say: (lines: readonly StyledLine[]) => void;
  readonly now: () => number;
  /** Shows another thread; one that something runs in goes on in the background. */
  readonly open: (how: OpenHow) => Promise<void>;
  readonly threads: Pick<ThreadSet, "all" | "shown" | "others">;
  /** Shows another thread of the window; null chooses the one that most wants to be looked at. */
  readonly switchTo: (threadId: string | null) => void;
  /** Sends a message of the user's. */
  readonly send: (text: string) => void;
  readonly queue: ThreadQueue;
  readonly preferences: Preferences;
  readonly reports: Reports;
  readonly setup: SetupPorts | null;
  readonly saveFile: (path: string, text: string) => Promise<void>;
  /** Puts a text into the clipboard of the terminal. */
  readonly copy: (text: string) => void;
  readonly setTheme: (name: string) => void;
  /** Puts a text, and pictures that belong to it, where the user writes, to be changed and sent. */
  readonly setText: (text: string, images?: readonly string[]) => void;
  /** Keys of vi on or off; says which. */
  readonly toggleVim: () => boolean;
  readonly quit: () => void;
  readonly commands: readonly SlashCommand[];
}

export type OpenHow =
  | { readonly kind: "new" }
  | { readonly kind: "resume"; readonly threadId: string }
  | { readonly kind: "fork"; readonly threadId: string; readonly lastTurnId?: string };

/** A command that begins with a slash. */
export interface SlashCommand {
  readonly name: string;
  /** One line, for the list and for /help. */
  readonly help: string;
  /** What stands after the name; absent when the command takes nothing. */
  readonly argument?: string;
  /** Whether it can be given while the agent works. */
  readonly whileRunning: boolean;
  /** `argument` is what stands after the name, trimmed. */
  run(argument: string, context: CommandContext): Promise<void>;
}
