import type { ServerNotification } from "@quire/protocol/app-server";
import type { Connection } from "../connection.ts";

/** The clients that follow one thread. */
export class Audience {
  readonly #members: Set<Connection>;

  constructor(members: Iterable<Connection> = []) {
    this.#members = new Set(members);
  }

  get size(): number {
    return this.#members.size;
  }

  get members(): Iterable<Connection> {
    return this.#members;
  }

  has(connection: Connection): boolean {
    return this.#members.has(connection);
  }

  add(connection: Connection): void {
    this.#members.add(connection);
  }

  remove(connection: Connection): boolean {
    return this.#members.delete(connection);
  }

  tell({ method, params }: ServerNotification): void {
    for (const member of this.#members) member.notify(method, params);
  }
}
