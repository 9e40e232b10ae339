import type { Readable } from "node:stream";
import type { OutputListener, OutputStream } from "../command.ts";
import { collectChunks } from "./collect-chunks.ts";

/** How long a stream may stay open after the command ended, held by something that left its process group. */
const HELD_OPEN_MS = 250;
/** Long for data that is already in the kernel, short for someone who waits. */
const QUIET_MS = 20;
const COLLECT_BYTES = 8 * 2 ** 20;
const TAIL_BYTES = 8192;

/** Hands a command's output to one listener, holding nothing back and keeping only the last few kilobytes. */
export class OutputFlow {
  readonly #streams: ReadonlyArray<readonly [OutputStream, Readable]>;
  readonly #ended: Promise<void>;
  #listener: OutputListener | undefined;
  #flowing = false;
  #chunks = 0;
  #uncollected = 0;
  #paused = false;
  #tail: Buffer = Buffer.alloc(0);

  constructor(streams: ReadonlyArray<readonly [OutputStream, Readable]>) {
    this.#streams = streams;
    this.#ended = Promise.all(streams.map(([, stream]) => streamEnd(stream))).then(() => undefined);
  }

  /** The end of what was printed, for guessing why a command failed. */
  get tail(): string {
    return this.#tail.toString("utf8");
  }

  listen(listener: OutputListener): void {
    this.#listener = listener;
    this.flow();
  }

  /** Starts reading; without a listener the output is dropped. */
  flow(): void {
    if (this.#flowing) return;
    this.#flowing = true;
    for (const [name, stream] of this.#streams) {
      stream.on("data", (chunk: Buffer) => {
        this.#chunks++;
        this.#remember(chunk);
        this.#listener?.(chunk, name);
        this.#uncollected += chunk.length;
        if (this.#uncollected < COLLECT_BYTES) return;
        this.#uncollected = 0;
        collectChunks();
      });
      if (this.#paused) stream.pause();
    }
  }

  pause(): void {
    this.#paused = true;
    for (const [, stream] of this.#streams) stream.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#flowing) for (const [, stream] of this.#streams) stream.resume();
  }

  /**
   * Waits until no more output is on its way, while something still holds the streams open. A terminal's last bytes
   * are lost when its device is closed before they were read, and nothing announces them.
   */
  async quiet(): Promise<void> {
    this.flow();
    for (let seen = -1; seen !== this.#chunks || this.#paused; ) {
      seen = this.#chunks;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  /** Waits until everything was delivered. Call after the processes are gone. */
  async finished(): Promise<void> {
    this.flow();
    for (;;) {
      if (await endsWithin(this.#ended, HELD_OPEN_MS)) return;
      if (this.#paused || this.#streams.some(([, stream]) => stream.readableLength > 0)) continue;
      for (const [, stream] of this.#streams) stream.destroy();
    }
  }

  #remember(chunk: Buffer): void {
    this.#tail =
      chunk.length >= TAIL_BYTES
        ? Buffer.from(chunk.subarray(-TAIL_BYTES))
        : Buffer.concat([this.#tail.subarray(-(TAIL_BYTES - chunk.length)), chunk]);
  }
}

function streamEnd(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("close", resolve);
    // A terminal reports EIO when its last user is gone; a reset means the same for a pipe.
    stream.on("error", () => stream.destroy());
  });
}

async function endsWithin(ended: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const result = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return result;
}
