/** A running stdio server. Its owner is whoever started it; `kill` ends every process it started. */
export interface ServerProcess {
  /** Called with what the server prints; nothing may be lost before this is called. */
  onOutput(listener: (chunk: Buffer, stream: "stdout" | "stderr") => void): void;
  /** Resolves with false when the server no longer reads. */
  write(data: string): Promise<boolean>;
  endInput(): void;
  /** Resolves, never rejects, with how the process ended, in words: "exit code 1". */
  readonly ended: Promise<string>;
  /** Resolves when nothing of it is left. May be called twice. */
  kill(): Promise<void>;
}

export interface SpawnRequest {
  /** Id of the server, so that a spawner can treat servers differently. */
  readonly server: string;
  readonly argv: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
}

export type SpawnOutcome =
  | { readonly kind: "started"; readonly process: ServerProcess }
  | { readonly kind: "failed"; readonly message: string };

/** Starts a server's program, confined as the composition root sees fit. Never rejects. */
export type SpawnServer = (request: SpawnRequest) => Promise<SpawnOutcome>;
