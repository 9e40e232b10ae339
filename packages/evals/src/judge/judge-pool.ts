import { CodedError } from "@quire/protocol";
import { type CellSpec, type SandboxDeps, startCell } from "@quire/sandbox";
import { JudgeWorker } from "./judge-worker.ts";

/** What became of a program. */
export interface Verdict {
  /** `passed`, `timed out` or `failed: …`, word for word as OpenAI's human-eval harness puts it. */
  readonly result: string;
  /** The type of the exception, or `timed out`, or `ended without a result`; null for one that passed. */
  readonly failure: string | null;
}

/** A sample on its way to a verdict. */
export interface JudgeJob {
  readonly program: string;
  readonly timeoutSeconds: number;
  /** How many workers ended while they had it. */
  readonly deaths: number;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
}

export interface JudgePoolOptions {
  /** A program that reads one JSON line per request and answers as `JudgeWorker` reads it. */
  readonly cell: CellSpec;
  readonly workers: number;
  /** A new worker for each sample, where one could spoil its worker. The worker ends after its answer. */
  readonly oneSampleEach?: boolean | undefined;
}

/** Judges programs, each on its own, in sandboxed workers that stay. */
export interface JudgePool {
  judge(program: string, timeoutSeconds: number): Promise<Verdict>;
  /** Ends the workers; what was not judged rejects with `interrupted`. May be called twice. */
  close(): Promise<void>;
}

const MOST_DEATHS = 2;
/** A worker that cannot start is not tried for ever. */
const MOST_FAILED_STARTS = 3;
const WATCH_MS = 2000;
/** Beyond a sample's own limit and the harness's second of grace. */
const SILENCE_MS = 15_000;
/** A worker that loads a compiler on a busy machine says nothing for a while. */
const STARTING_MS = 30_000;

/** Starts the workers; fails with `sandbox_unavailable` where they cannot be confined. */
export async function openJudgePool(options: JudgePoolOptions, deps: SandboxDeps): Promise<JudgePool> {
  const pool = new Pool(options, deps);
  await pool.start();
  return pool;
}

class Pool implements JudgePool {
  readonly #options: JudgePoolOptions;
  readonly #deps: SandboxDeps;
  readonly #workers = new Set<JudgeWorker>();
  readonly #watch: NodeJS.Timeout;
  #queue: JudgeJob[] = [];
  #longest = 0;
  #failedStarts = 0;
  #closed = false;

  constructor(options: JudgePoolOptions, deps: SandboxDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#watch = setInterval(() => this.#endSilent(), WATCH_MS).unref();
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.workers }, () => this.#startWorker()));
  }

  judge(program: string, timeoutSeconds: number): Promise<Verdict> {
    if (this.#closed) return Promise.reject(interrupted());
    this.#longest = Math.max(this.#longest, timeoutSeconds);
    return new Promise((resolve, reject) => {
      this.#queue.push({ program, timeoutSeconds, deaths: 0, resolve, reject });
      if (this.#queue.length === 1) queueMicrotask(() => this.#distribute());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    for (const job of this.#queue.splice(0)) job.reject(interrupted());
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  async #startWorker(): Promise<void> {
    const outcome = await startCell(this.#options.cell, this.#deps);
    if (outcome.kind === "unavailable") {
      throw new CodedError(
        "sandbox_unavailable",
        `samples cannot be confined here: ${outcome.reason.cause}`,
        {
          nextStep: `To fix it: ${outcome.reason.remedy}`,
        },
      );
    }
    if (outcome.kind === "failed") {
      throw new CodedError("sandbox_unavailable", `a worker did not start: ${outcome.message}`);
    }
    if (this.#closed) return outcome.cell.kill();
    this.#workers.add(
      new JudgeWorker(outcome.cell, {
        now: this.#deps.now,
        oneOnly: this.#options.oneSampleEach === true,
        changed: () => {
          this.#failedStarts = 0;
          this.#distribute();
        },
        ended: (worker, left, words) => this.#replace(worker, left, words),
      }),
    );
    this.#distribute();
  }

  /** One sample at a time to each worker in turn, so that none hoards what another could begin. */
  #distribute(): void {
    const batches = new Map<JudgeWorker, JudgeJob[]>();
    for (let more = true; more && this.#queue.length > 0; ) {
      more = false;
      for (const worker of this.#workers) {
        const batch = batches.get(worker) ?? [];
        const job = this.#queue[0];
        if (job === undefined || batch.length >= worker.room) continue;
        // One that may have ended a worker runs alone, so that the blame is clear.
        if (job.deaths > 0 && (batch.length > 0 || !worker.idle)) continue;
        if (batch.some(({ deaths }) => deaths > 0)) continue;
        this.#queue.shift();
        batches.set(worker, [...batch, job]);
        more = true;
      }
    }
    for (const [worker, batch] of batches) worker.give(batch);
  }

  #replace(worker: JudgeWorker, left: readonly JudgeJob[], words: string): void {
    this.#workers.delete(worker);
    if (this.#closed) {
      for (const job of left) job.reject(interrupted());
      return;
    }
    const again: JudgeJob[] = [];
    for (const job of left) {
      // The other harness says so of a process that ended without a word.
      if (left.length === 1 && job.deaths + 1 >= MOST_DEATHS) {
        job.resolve({ result: "timed out", failure: "ended its worker" });
      } else again.push({ ...job, deaths: job.deaths + 1 });
    }
    this.#queue = [...again, ...this.#queue];
    this.#failedStarts += 1;
    const restart =
      this.#failedStarts > MOST_FAILED_STARTS + this.#options.workers * MOST_DEATHS
        ? Promise.reject(new CodedError("sandbox_unavailable", `the workers keep ending: ${words}`))
        : this.#startWorker();
    restart.catch((error: unknown) => {
      if (this.#workers.size === 0) for (const job of this.#queue.splice(0)) job.reject(error);
    });
  }

  #endSilent(): void {
    const limit = (this.#longest + 1) * 1000 + SILENCE_MS;
    for (const worker of this.#workers) {
      if (worker.silentFor() > limit + (worker.hasSpoken ? 0 : STARTING_MS)) void worker.kill();
    }
  }
}

function interrupted(): CodedError {
  return new CodedError("interrupted", "stopped before every sample was judged");
}
