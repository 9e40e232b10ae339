import type { Cell } from "@quire/sandbox";
import * as z from "zod/mini";
import type { JudgeJob } from "./judge-pool.ts";

const AnswersSchema = z.array(z.tuple([z.number(), z.string(), z.string()]));

/** More than this many samples wait in a worker only while it is quick. */
const WINDOW = 16;
const CAREFUL_WINDOW = 2;
const QUICK_MS = 25;
const LEAVING_MS = 1000;
const LONGEST_LINE = 16 * 1024 * 1024;

/** A worker's process and the samples it has been given, oldest first. */
export class JudgeWorker {
  readonly #cell: Cell;
  readonly #now: () => number;
  readonly #oneOnly: boolean;
  readonly #given = new Map<number, JudgeJob>();
  #next = 0;
  #window: number;
  #heard: number;
  #hasSpoken = false;
  #rest = "";
  #errors = "";

  /** `changed` is called when there is room for more, `ended` once, with the samples that were not answered. */
  constructor(
    cell: Cell,
    hooks: {
      readonly now: () => number;
      /** It gets one sample and no more. */
      readonly oneOnly: boolean;
      readonly changed: (worker: JudgeWorker) => void;
      readonly ended: (worker: JudgeWorker, left: readonly JudgeJob[], words: string) => void;
    },
  ) {
    this.#cell = cell;
    this.#now = hooks.now;
    this.#oneOnly = hooks.oneOnly;
    this.#window = hooks.oneOnly ? 1 : CAREFUL_WINDOW;
    this.#heard = hooks.now();
    cell.stdout.setEncoding("utf8");
    cell.stdout.on("data", (text: string) => {
      this.#read(text);
      hooks.changed(this);
    });
    cell.stderr.setEncoding("utf8");
    cell.stderr.on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    void cell.exited.then(() => {
      const left = [...this.#given.values()];
      this.#given.clear();
      hooks.ended(this, left, this.#errors.trim().split("\n").at(-1) ?? "");
    });
  }

  get room(): number {
    if (this.#oneOnly) return 1 - this.#next;
    const careful = [...this.#given.values()].some((job) => job.deaths > 0);
    return careful ? 0 : this.#window - this.#given.size;
  }

  get idle(): boolean {
    return this.#given.size === 0;
  }

  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Milliseconds since it last said anything while it had work. */
  silentFor(): number {
    return this.idle ? 0 : this.#now() - this.#heard;
  }

  give(jobs: readonly JudgeJob[]): void {
    if (this.idle) this.#heard = this.#now();
    let text = "";
    for (const job of jobs) {
      const id = this.#next++;
      this.#given.set(id, job);
      text += `${JSON.stringify({ id, program: job.program, timeout: job.timeoutSeconds })}\n`;
    }
    this.#cell.stdin.write(text);
  }

  /** Lets it end by itself, which it does at once when it has nothing to do, and makes it end otherwise. */
  async end(): Promise<void> {
    if (!this.idle) return this.kill();
    this.#cell.stdin.end();
    const insist = setTimeout(() => void this.kill(), LEAVING_MS);
    await this.#cell.exited;
    clearTimeout(insist);
  }

  kill(): Promise<void> {
    return this.#cell.kill();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LONGEST_LINE) void this.kill();
    for (const line of lines) this.#answer(line);
  }

  #answer(line: string): void {
    const answers = AnswersSchema.safeParse(parseJson(line));
    if (!answers.success) {
      // Only the worker's own program writes here; whatever this is, it cannot be trusted with more.
      void this.kill();
      return;
    }
    const now = this.#now();
    this.#window =
      (now - this.#heard) / Math.max(1, answers.data.length) < QUICK_MS ? WINDOW : CAREFUL_WINDOW;
    this.#heard = now;
    this.#hasSpoken = true;
    for (const [id, result, reason] of answers.data) {
      const job = this.#given.get(id);
      this.#given.delete(id);
      job?.resolve({ result, failure: result === "passed" ? null : reason });
    }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}
