/** The terminal as the process has it; the composition root gives it. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** Whether it has a second screen to show something on that leaves the first as it was. */
  readonly hasOtherScreen: boolean;
  /** False when the other end reads slower than we write; `onDrain` is called when it goes on. */
  write(bytes: string): boolean;
  /** Each of these returns the function that ends the listening. */
  onDrain(listener: () => void): () => void;
  onResize(listener: () => void): () => void;
  /** Bytes as they come; a character or a sequence may be split between two calls. */
  onInput(listener: (bytes: Uint8Array) => void): () => void;
  /** Whether keys come one by one and unechoed. */
  setRaw(raw: boolean): void;
}
