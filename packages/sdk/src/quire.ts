import { EngineConnection } from "./engine-connection.ts";
import type { QuireOptions, ThreadOptions } from "./options.ts";
import { Thread } from "./thread.ts";

/** The engine, as this program sees it. Making one starts nothing; the first run does. */
export class Quire {
  readonly #connection: EngineConnection;
  readonly #config: Readonly<Record<string, unknown>>;

  constructor(options: QuireOptions = {}) {
    this.#connection = new EngineConnection(options);
    this.#config = {
      ...options.config,
      ...(options.baseUrl === undefined ? {} : { openai_base_url: options.baseUrl }),
    };
  }

  /** A new conversation. It gets its id with its first run. */
  startThread(options: ThreadOptions = {}): Thread {
    return new Thread(this.#connection, this.#withConfig(options), null);
  }

  /** An earlier conversation, by its id. */
  resumeThread(id: string, options: ThreadOptions = {}): Thread {
    return new Thread(this.#connection, this.#withConfig(options), id);
  }

  /** Ends the engine. Not needed for the program to end; the next run would start a new one. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  #withConfig(options: ThreadOptions): ThreadOptions {
    return { ...options, config: { ...this.#config, ...options.config } };
  }
}
