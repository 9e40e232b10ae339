import type { ToolSpec } from "@quire/models";
import type { ErrorCode, ThreadItem, ToolOutputBody } from "@quire/protocol";

/** What a call wants to do to the world, stated before it runs so that the policy can judge it. */
export type Effect =
  | {
      kind: "command";
      /** Shell text as the model wrote it. */
      command: string;
      /** What is started: the shell and its arguments. */
      argv: readonly string[];
      cwd: string;
      /** Present when the model asks to leave the sandbox. */
      escalation?: { justification: string; prefixRule: readonly string[] | null };
    }
  | {
      kind: "write";
      paths: readonly string[];
      /** Those of them that the sandbox does not let commands write to. */
      outside?: readonly string[];
      /** The files before and after, as far as that is known before; decoded only when asked for. */
      texts?: () => readonly WrittenText[];
    }
  | { kind: "read"; paths: readonly string[] }
  | {
      kind: "input";
      processId: string;
      /** What is typed; empty when nothing is. */
      text: string;
    }
  | {
      kind: "mcp";
      server: string;
      tool: string;
      /** Whether the server says that the tool changes nothing. One that says nothing counts as destructive. */
      readOnly: boolean;
      /** What the user decided for this tool; `auto` leaves it to the approval policy. */
      approval: "auto" | "prompt" | "approve";
      /** The arguments as JSON, cut, for the person who is asked. */
      input: string;
      /** How the tool differs from what the user last agreed to, as a diff; absent when it does not. */
      changed?: string;
    };

/** One file of a patch. Null: there was, or will be, no file. `path` is absolute, links resolved. */
export interface WrittenText {
  path: string;
  before: string | null;
  after: string | null;
}

/** What the policy granted. `unconfined` runs the command outside the sandbox and only follows an approval. */
export interface Permit {
  sandbox: "session" | "unconfined";
}

/** How a call ended. `output` is what the model sees, already within its budget. */
export interface ToolResult {
  item: ThreadItem;
  output: ToolOutputBody;
  success: boolean;
  /** What the user should know beside the item; each becomes a warning. */
  notices?: readonly { code: string; message: string }[];
}

/** A parsed call, ready to be judged and run. `item` is the intent that is logged before `run` is called. */
export interface ReadyCall {
  kind: "ready";
  effects: readonly Effect[];
  item: ThreadItem;
  run(permit: Permit): Promise<ToolResult>;
}

export type PreparedCall = ReadyCall | { kind: "invalid"; code: ErrorCode; message: string };

/** One request of the model to a tool. `input` is JSON text for functions and plain text for freeform tools. */
export interface ToolInvocation {
  callId: string;
  input: string;
  form: "function" | "freeform";
}

/** Everything a tool gets. It never sees the thread, the configuration or the policy. */
export interface ToolContext {
  /** Absolute working directory of the turn. */
  readonly cwd: string;
  /** Ends the call; a tool returns soon after with what it has. */
  readonly signal: AbortSignal;
  /** Milliseconds of a monotonic clock. */
  readonly monotonicMs: () => number;
  /** Tells the front ends that the running item changed; whole items, not patches of them. */
  readonly update: (item: ThreadItem) => void;
  /** Streams a piece of a command's output to the front ends. Never awaited; the reader may drop it. */
  readonly outputDelta: (itemId: string, delta: string) => void;
  /** Tells the front ends what was written to the running command of an item. */
  readonly terminalInput: (itemId: string, processId: string, stdin: string) => void;
}

/** A built-in or client-supplied tool. Built-in ones are made per thread, because they share its running commands. */
export interface Tool {
  readonly spec: ToolSpec;
  /** Whether calls of this tool may run beside others of the same response. */
  readonly parallel: boolean;
  prepare(invocation: ToolInvocation, context: ToolContext): Promise<PreparedCall> | PreparedCall;
}
