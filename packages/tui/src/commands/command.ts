import type { Client } from "@quire/client";
import type { Ask } from "../app/questions.ts";
import type { ThreadLink } from "../app/thread-link.ts";
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
  /** Shows another thread instead. */
  readonly open: (how: OpenHow) => Promise<void>;
  readonly saveFile: (path: string, text: string) => Promise<void>;
  /** Puts a text into the clipboard of the terminal. */
  readonly copy: (text: string) => void;
  readonly setTheme: (name: string) => void;
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
