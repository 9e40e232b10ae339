import type {
  Approver,
  HookDefinition,
  QueuedMessage,
  RunningTurn,
  Thread,
  ThreadFile,
  ThreadSummary,
} from "@quire/core";
import type { AskPerson, McpAnswer, McpCallOutcome, McpResourceContent } from "@quire/mcp";
import type { JsonSchema } from "@quire/models";
import type {
  ApprovalPolicy,
  ModeKind,
  ReasoningEffort,
  SandboxMode,
  SessionMeta,
  UserInput,
} from "@quire/protocol";
import type {
  AccountReadResponse,
  AskingAgent,
  CommandExecParams,
  ConfigBatchWriteParams,
  ConfigReadResponse,
  ConfigWriteResponse,
  ExperimentalFeature,
  McpServerStatus,
  McpServerStatusUpdated,
  MemoryEntry,
  MemoryStatusResponse,
  OpenNotice,
  ReasoningSummary,
  ReviewTarget,
  SandboxPolicy,
  SkillsListEntry,
  TerminalSize,
  ThreadMemoryReadResponse,
  TurnLimits,
  WireModel,
} from "@quire/protocol/app-server";
import type { Tool } from "@quire/tools";

/**
 * What stands behind the door. A composition root implements it; the door itself reads no configuration, environment or
 * clock.
 */
export interface Engine {
  readonly about: EngineFacts;
  openThread(request: OpenThread, seams: ThreadSeams): Promise<EngineThread>;
  readonly threads: StoredThreads;
  readonly queues: ThreadQueues;
  readonly config: ConfigAccess;
  /** What is remembered of earlier threads. */
  memories(): Promise<MemoryAccess>;
  models(): Promise<WireModel[]>;
  /** What skills there are in folders; in the process's own without any. Read anew each time. */
  skills(cwds: readonly string[]): Promise<SkillsListEntry[]>;
  /** The hooks that hold in folders; in the process's own without any. Read anew each time. */
  hooks(cwds: readonly string[]): Promise<FolderHooks[]>;
  account(): Promise<AccountReadResponse>;
  /** Keeps an API key where the configuration says. Fails with `usage_invalid` for what is no key. */
  login(apiKey: string): Promise<void>;
  /** Forgets the kept key, if there is one. */
  logout(): Promise<void>;
  features(): Promise<ExperimentalFeature[]>;
  /** The configured MCP servers, of which none is started. */
  mcpServers(options: McpStatusOptions): Promise<McpServerStatus[]>;
  /** Starts a command of a client in a sandbox; ends it when `signal` aborts. */
  startCommand(request: ClientCommandRequest, signal: AbortSignal): Promise<ClientCommand>;
  /** Begins to sign in to a configured MCP server; `done` settles when the person has come back, or will not. */
  mcpSignIn(request: {
    name: string;
    scopes: readonly string[] | null;
    timeoutMs: number;
  }): Promise<{ authorizationUrl: string; loginId: string; done: Promise<void> }>;
  now(): number;
  /** Lists the files of a folder for the file search. */
  listFiles(root: string, signal: AbortSignal): Promise<string[]>;
}

export interface ClientCommandRequest
  extends Pick<CommandExecParams, "command" | "cwd" | "env" | "sandboxPolicy"> {
  tty: TerminalSize | null;
  /** Whether it can be written to; a terminal always can. */
  input: boolean;
}

/** A running command of a client. Its output flows once `onOutput` or `exited` is used. */
export interface ClientCommand {
  onOutput(listener: (chunk: Buffer, stream: "stdout" | "stderr" | "tty") => void): void;
  /** Resolves with false when the command no longer reads. */
  write(data: Uint8Array): Promise<boolean>;
  endInput(): void;
  resize(cols: number, rows: number): void;
  /** Lets the command wait when it has printed what the pipe holds. */
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  /** The exit code, 128 and the signal's number after a signal. Rejects when the command could not be begun. */
  readonly exited: Promise<number>;
}

/** The hooks of a folder, in the order in which they are asked. */
export interface FolderHooks {
  cwd: string;
  hooks: readonly HookDefinition[];
  /** Sentences about files whose hooks do not hold, and what is wrong in them. */
  warnings: readonly string[];
}

export interface MemoryAccess {
  /** Of the threads in a folder; of all for null. */
  status(cwd: string | null): Promise<MemoryStatusResponse>;
  list(cwd: string | null): MemoryEntry[];
  /** False when there is none of this id. */
  forget(id: string): boolean;
  /** How many there were. */
  reset(): number;
}

export interface EngineFacts {
  name: string;
  version: string;
  home: string;
  platform: string;
}

/** Undefined leaves a setting as the configuration, or the log of a resumed thread, has it. */
export interface ThreadOverrides {
  model?: string;
  modelProvider?: string;
  cwd?: string;
  approvalPolicy?: ApprovalPolicy;
  sandbox?: SandboxMode;
  /** By dotted key, in the words of config.toml. */
  config?: Readonly<Record<string, unknown>>;
  baseInstructions?: string;
  developerInstructions?: string;
}

/** From the next turn on. */
export interface TurnOverrides {
  cwd?: string;
  approvalPolicy?: ApprovalPolicy;
  sandboxPolicy?: SandboxPolicy;
  model?: string;
  effort?: ReasoningEffort;
  summary?: ReasoningSummary;
  mode?: WantedMode;
}

/** How agent and user work together from the next turn on. */
export interface WantedMode {
  kind: ModeKind;
  /** Instructions of the client's beside those of the mode. */
  instructions: string | null;
  /** Null: as the configuration has it for the mode. */
  effort: ReasoningEffort | null;
}

export interface OpenThread {
  target:
    | { kind: "start" }
    | { kind: "resume"; threadId: string }
    | { kind: "fork"; threadId: string; lastTurnId: string | null };
  overrides: ThreadOverrides;
  ephemeral: boolean;
  /** For every turn that names no others. */
  limits: TurnLimits | null;
  /** Who asked for it, for the log. */
  originator: string;
}

/** What the door gives a thread: a way to ask people, and the tools that clients run. */
export interface ThreadSeams {
  approver: Approver;
  /** Asks people what MCP servers want to know. */
  askPerson: AskPerson;
  /** Told when an MCP server of the thread starts, is ready or fails. */
  onMcpStatus: (status: Omit<McpServerStatusUpdated, "threadId">) => void;
  tools: readonly Tool[];
  /** Those that the model has in plan mode only. */
  planTools: readonly Tool[];
  /** Lets clients in on an agent of the thread. */
  adopt: AdoptAgent;
}

/**
 * Opens the thread of an agent as `open` does, with seams of its own, and lets those follow it that follow the thread it
 * works for. Its questions say whose they are.
 */
export type AdoptAgent = <T extends EngineThread>(
  agent: AskingAgent,
  options: { ephemeral: boolean },
  open: (seams: ThreadSeams) => Promise<T>,
) => Promise<AdoptedAgent<T>>;

/** An agent's thread that clients can see. */
export interface AdoptedAgent<T extends EngineThread> {
  readonly engine: T;
  /** Begins a turn of it, which clients can then interrupt and add to. */
  begin(start: (engine: T) => Promise<RunningTurn>): Promise<RunningTurn>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface EffectiveSettings {
  model: string;
  modelProvider: string;
  cwd: string;
  approvalPolicy: ApprovalPolicy;
  sandbox: SandboxPolicy;
  preset: string | null;
  effort: ReasoningEffort | null;
  summary: ReasoningSummary | null;
  developerInstructions: string | null;
  mode: ModeKind;
  /** Absolute paths of the AGENTS.md files in use. */
  instructionSources: string[];
}

export interface BackgroundCommand {
  itemId: string;
  processId: string;
  command: string;
  cwd: string;
}

export interface EngineTurnOptions {
  outputSchema?: JsonSchema;
  /** What the client calls the message. */
  clientId?: string;
  limits?: TurnLimits;
}

export interface EngineReview {
  target: ReviewTarget;
  input: readonly UserInput[];
  limits?: TurnLimits;
}

/** A thread that is open in this process. */
export interface EngineThread {
  readonly thread: Thread;
  readonly meta: SessionMeta;
  /** What a person should know before the first turn. */
  readonly notices: readonly OpenNotice[];
  /** Whether the log ended in the middle of a turn when it was opened. */
  readonly unfinished: boolean;
  settings(): EffectiveSettings;
  /** Takes effect with the next turn. Fails with `usage_invalid` or `config_invalid`, and then nothing has changed. */
  change(overrides: TurnOverrides): Promise<void>;
  /**
   * Reads the configuration anew and lets the MCP servers follow: new ones start, removed ones end, changed ones are started
   * anew, the others stay. To be called between turns. Fails with `config_invalid`, and then nothing has changed.
   */
  reloadMcpServers(): Promise<void>;
  startTurn(input: readonly UserInput[], options: EngineTurnOptions): Promise<RunningTurn>;
  /**
   * A turn in which a reviewer looks at changes, in a read-only thread of its own. Fails with `usage_invalid` when there are
   * no such changes to look at, and then nothing has begun.
   */
  startReview(request: EngineReview): Promise<RunningTurn>;
  /** A turn that nobody but the thread's goal asks for. Fails with `thread_busy` while a turn runs. */
  continueGoal(): Promise<RunningTurn>;
  /**
   * Changes to the default mode and begins the turn that builds the plan. Fails with `usage_invalid` when there is no plan,
   * or when it is not the one that was read, and then nothing has changed.
   */
  buildPlan(request: {
    itemId: string | null;
    message: string | null;
    limits?: TurnLimits;
  }): Promise<RunningTurn>;
  /** A turn that compacts the context; `instructions` are what the summary should heed. */
  compact(instructions: string | null): RunningTurn;
  /** A turn that is one command of the user's, with the user's rights. Fails with `thread_busy` while a turn runs. */
  startShellCommand(command: string, timeoutMs: number): RunningTurn;
  /** The same beside the turn that runs, as an item of that turn. Fails with `usage_invalid` when none runs. */
  startShellCommandBeside(command: string, timeoutMs: number): void;
  /** Adds to what the model sees next. Fails with `usage_invalid` and `thread_busy`. */
  inject(items: readonly unknown[]): void;
  /** The MCP servers that the thread has now; null where it has none. */
  readonly mcp: ThreadMcp | null;
  /** What the thread was shown of earlier ones, and whether it takes part. */
  memory(): ThreadMemoryReadResponse;
  backgroundCommands(): BackgroundCommand[];
  /** False when there is no such running command. */
  terminateCommand(processId: string): Promise<boolean>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** What clients may do with the MCP servers of a thread. */
export interface ThreadMcp {
  status(options: McpStatusOptions, signal: AbortSignal): Promise<McpServerStatus[]>;
  read(server: string, uri: string, signal: AbortSignal): Promise<McpAnswer<readonly McpResourceContent[]>>;
  /** A call by the client's user: nobody is asked about it, and it is no item of the thread. */
  call(
    server: string,
    tool: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<McpCallOutcome>;
}

export interface McpStatusOptions {
  /** Only this one; null for all. */
  server: string | null;
  /** Whether running servers are asked for what they keep beside tools. */
  full: boolean;
}

/** Threads on disk. Every one of these fails with `thread_not_found` or `thread_busy`. */
export interface StoredThreads {
  /** Files only, newest first; what they hold is read by `summarize`. */
  list(options: { archived: boolean }): Iterable<ThreadFile>;
  find(threadId: string): ThreadFile;
  /** Null when the file is gone. */
  summarize(file: ThreadFile): ThreadSummary | null;
  /** When the file was last written, in Unix milliseconds; 0 when it is gone. */
  modifiedMs(file: ThreadFile): number;
  names(): ReadonlyMap<string, string>;
  setName(threadId: string, name: string): void;
  archive(threadId: string): Promise<void>;
  unarchive(threadId: string): Promise<ThreadFile>;
  delete(threadId: string): Promise<void>;
  revert(threadId: string, beforeTurnId: string): Promise<void>;
  /** How long its log is now. Fails as the file system does. */
  logBytes(file: ThreadFile): number;
  /** The whole log. */
  readLog(file: ThreadFile): Promise<Buffer>;
}

/** The messages that wait for their threads, on disk; also of threads that are not open here. */
export interface ThreadQueues {
  /** The id of a new message. */
  newId(): string;
  /** First in, first out. Fails with `storage_failed` when the file cannot be understood. */
  read(threadId: string): readonly QueuedMessage[];
  /** Reads, changes and writes as one step, also among several processes, and gives what is there now. */
  change(
    threadId: string,
    change: (messages: readonly QueuedMessage[]) => readonly QueuedMessage[],
  ): Promise<readonly QueuedMessage[]>;
  /** Calls when the queue may have changed, whoever did it, until the returned function is called. */
  watch(threadId: string, listener: () => void): () => void;
}

export interface ConfigAccess {
  read(options: { cwd: string | null; includeLayers: boolean }): Promise<ConfigReadResponse>;
  write(request: ConfigBatchWriteParams): Promise<ConfigWriteResponse>;
}
