import { wholeCharactersLength } from "../output-budget.ts";
import { toPrintable } from "./printable-text.ts";

const COALESCE_MS = 20;
const WINDOW_MS = 100;
const WINDOW_BYTES = 64 * 1024;

export interface DeltaStreamDeps {
  emit: (delta: string) => void;
  monotonicMs: () => number;
}

/**
 * Live output for front ends at a rate that they can follow: pieces are joined for 20 ms, and of more than 64 KiB within
 * 100 ms the rest is left out and counted. Chunks must hold whole characters.
 */
export class DeltaStream {
  readonly #deps: DeltaStreamDeps;
  #pending: Buffer[] = [];
  #skippedBytes = 0;
  #windowStart = Number.NEGATIVE_INFINITY;
  #windowBytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: DeltaStreamDeps) {
    this.#deps = deps;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const now = this.#deps.monotonicMs();
    if (now - this.#windowStart >= WINDOW_MS) this.#openWindow(now);
    const room = WINDOW_BYTES - this.#windowBytes;
    const taken = chunk.length <= room ? chunk.length : wholeCharactersLength(chunk, Math.max(0, room));
    if (taken > 0 && this.#skippedBytes === 0) {
      // A copy: the reader may use its buffer again, and a short chunk would keep a large one alive.
      this.#pending.push(Buffer.from(chunk.subarray(0, taken)));
      this.#windowBytes += taken;
      this.#skippedBytes += chunk.length - taken;
    } else {
      this.#skippedBytes += chunk.length;
    }
    this.#timer ??= setTimeout(() => this.#onTimer(), this.#skippedBytes > 0 ? WINDOW_MS : COALESCE_MS);
  }

  /** Sends what is left. The stream may be used again afterwards. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#emitPending();
    this.#emitSkipped();
  }

  #openWindow(now: number): void {
    if (this.#skippedBytes > 0) this.flush();
    this.#windowStart = now;
    this.#windowBytes = 0;
  }

  #onTimer(): void {
    this.#timer = null;
    this.#emitPending();
    if (this.#skippedBytes === 0) return;
    const windowLeft = this.#windowStart + WINDOW_MS - this.#deps.monotonicMs();
    if (windowLeft <= 0) this.#emitSkipped();
    else this.#timer = setTimeout(() => this.#onTimer(), windowLeft);
  }

  #emitPending(): void {
    if (this.#pending.length === 0) return;
    const pending = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#deps.emit(toPrintable(pending).toString());
  }

  #emitSkipped(): void {
    if (this.#skippedBytes === 0) return;
    const skipped = this.#skippedBytes;
    this.#skippedBytes = 0;
    this.#deps.emit(`\n… ${skipped} bytes skipped …\n`);
  }
}
