const MAX_MESSAGES = 20;
const MAX_CHARACTERS = 300;

/** The last log messages of a server. They are shown when it fails, like what it prints. */
export class ServerLog {
  #messages: string[] = [];

  add(level: string, data: unknown): void {
    const text = typeof data === "string" ? data : (JSON.stringify(data) ?? "");
    const message = `${level}: ${text}`.slice(0, MAX_CHARACTERS).replaceAll("\n", " ");
    this.#messages = [...this.#messages.slice(1 - MAX_MESSAGES), message];
  }

  /** One line for each. */
  get text(): string {
    return this.#messages.map((message) => `${message}\n`).join("");
  }
}
