/** A running language server. Output flows once a listener is attached. */
export interface ServerProcess {
  onOutput(listener: (chunk: Buffer, stream: "stdout" | "stderr") => void): void;
  /** Resolves with false when the server no longer reads. */
  write(data: string): Promise<boolean>;
  /** Resolves, never rejects, with how it ended, in words. */
  readonly ended: Promise<string>;
  /** Ends it and everything it started. May be called twice. */
  kill(): Promise<void>;
}

/** Starts a program; the caller confines it. */
export type SpawnServer = (
  argv: readonly string[],
) => Promise<{ kind: "started"; process: ServerProcess } | { kind: "failed"; message: string }>;
