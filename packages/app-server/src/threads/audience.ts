import type { ServerNotification } from "@quire/protocol/app-server";
import type { Connection } from "../connection.ts";

/** The clients that follow one thread. */
export class Audience {
  /** With the last event of the thread that each knew when it joined. */
  readonly #members: Map<Connection, number>;

  constructor(members: Iterable<Connection> = []) {
    this.#members = new Map([...members].map((member) => [member, 0]));
  }

  get size(): number {
    return this.#members.size;
  }

  get members(): Iterable<Connection> {
    return this.#members.keys();
  }

  has(connection: Connection): boolean {
    return this.#members.has(connection);
  }

  /** `knows` counts the events of the thread that the client has read; it is told of later ones. */
  add(connection: Connection, knows: number): void {
    this.#members.set(connection, knows);
  }

  remove(connection: Connection): boolean {
    return this.#members.delete(connection);
  }

  /** `event` is the number of the event that this is about, for those who may know it from reading. */
  tell({ method, params }: ServerNotification, event = Number.POSITIVE_INFINITY): void {
    // How the thread stands is said again rather than missed.
    const isStanding = method === "thread/status/changed";
    for (const [member, knows] of this.#members) {
      if (event > knows || isStanding) member.notify(method, params);
    }
  }
}
