import { CodedError } from "@quire/protocol";
import type { TerminalSize } from "@quire/protocol/app-server";
import type { Connection } from "../connection.ts";
import type { ClientCommand } from "../engine.ts";

/** How a command is connected to its client. */
export interface StreamWish {
  tty: TerminalSize | null;
  input: boolean;
  output: boolean;
}

interface Held {
  readonly wish: StreamWish;
  /** Rejects when it could not be started; then it is no longer held. */
  readonly command: Promise<ClientCommand>;
}

/** The commands of clients by the names that each client gave its own. */
export class RunningCommands {
  readonly #byClient = new WeakMap<Connection, Map<string, Held>>();

  /** Starts a command and keeps it under its name, if it has one, until `work` is done with it. */
  async hold<T>(
    client: Connection,
    name: string | null,
    wish: StreamWish,
    start: () => Promise<ClientCommand>,
    work: (command: ClientCommand) => Promise<T>,
  ): Promise<T> {
    if (name === null) return work(await start());
    const held = this.#byClient.get(client) ?? new Map<string, Held>();
    this.#byClient.set(client, held);
    if (held.has(name)) {
      const message = `duplicate active command/exec process id: ${JSON.stringify(name)}`;
      throw new CodedError("usage_invalid", message);
    }
    // Kept before it runs, so that a client may write to it without waiting for anything.
    const command = start();
    held.set(name, { wish, command });
    try {
      return await work(await command);
    } finally {
      held.delete(name);
    }
  }

  /** Fails with `usage_invalid` when the client has no such command that runs. */
  find(client: Connection, name: string): Held {
    const held = this.#byClient.get(client)?.get(name);
    if (held !== undefined) return held;
    const message = `no active command/exec for process id ${JSON.stringify(name)}`;
    throw new CodedError("usage_invalid", message);
  }
}
