/** What to run. `argv[0]` is looked up on the command's own PATH, inside the sandbox. */
export interface CommandSpec {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Added to the environment of the policy. Reaches the command only, never the sandbox program. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run on a pseudo-terminal of this size. */
  readonly tty?: { readonly cols: number; readonly rows: number };
  /** Default `ignore`: the command reads end-of-file. Not used with `tty`. */
  readonly stdin?: "pipe" | "ignore";
  /** Use our own standard streams instead; nothing then reaches `onOutput`. */
  readonly inherit?: "streams" | "terminal";
  /** What decisions about this command's connections are labelled with. */
  readonly origin?: string;
}

/** A sign in the output or exit status that the sandbox, not the program, said no. A guess, with its evidence. */
export interface Denial {
  readonly kind: "write" | "read" | "network" | "system-call" | "process-limit" | "file-size";
  readonly path?: string;
  /** The line of output, or the fact, that shows it. At most 300 characters. */
  readonly evidence: string;
}

/** Something the sandbox did or saw that the user should know; `message` is a full sentence. */
export interface SandboxNotice {
  readonly kind: "restored-link" | "quarantined" | "new-repository" | "protection-lost" | "scan-limited";
  readonly path: string;
  readonly message: string;
}

interface ExitDetails {
  readonly denials: readonly Denial[];
  readonly notices: readonly SandboxNotice[];
}

/** How a command ended. `failed`: the sandbox could not be completed, so the command never ran. */
export type CommandExit =
  | ({ readonly kind: "exited"; readonly code: number } & ExitDetails)
  | ({ readonly kind: "signaled"; readonly signal: string } & ExitDetails)
  | ({ readonly kind: "failed"; readonly message: string } & ExitDetails);

export type OutputStream = "stdout" | "stderr" | "tty";
export type OutputListener = (chunk: Buffer, stream: OutputStream) => void;

/** A started command. Output flows once a listener is attached or `exited` is read, so attach first. */
export interface RunningCommand {
  /** Of the outermost process on the host. */
  readonly pid: number;
  /** Whether it ran in a sandbox that was made ready earlier. */
  readonly prewarmed: boolean;
  onOutput(listener: OutputListener): void;
  /** Resolves with false when the command no longer reads. */
  write(data: string | Uint8Array): Promise<boolean>;
  endInput(): void;
  resize(cols: number, rows: number): void;
  /** Stops reading; the command blocks when the kernel's buffer is full. Nothing is buffered here. */
  pause(): void;
  resume(): void;
  /** Resolves, never rejects, after every process of the command is gone and its output was delivered. */
  readonly exited: Promise<CommandExit>;
  /** TERM, then KILL, to everything the command started; resolves when nothing is left. May be called twice. */
  kill(): Promise<void>;
}

export type StartFailureCode = "bad-command" | "cwd-missing" | "spawn-failed" | "interrupted" | "closed";

/** Why no command may run. `remedy` is one line the user can act on. */
export interface SandboxUnavailable {
  readonly code:
    | "root-refused"
    | "platform-unsupported"
    | "bubblewrap-missing"
    | "bubblewrap-too-old"
    | "programs-missing"
    | "user-namespaces-denied"
    | "network-namespace-denied"
    | "proc-denied"
    | "seccomp-denied"
    | "network-rules-invalid"
    | "probe-failed";
  readonly cause: string;
  readonly remedy: string;
}

export type StartOutcome =
  | { readonly kind: "started"; readonly command: RunningCommand }
  | { readonly kind: "unavailable"; readonly reason: SandboxUnavailable }
  | { readonly kind: "failed"; readonly code: StartFailureCode; readonly message: string };
