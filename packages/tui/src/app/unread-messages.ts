import type { ServerNotification, WireItem } from "@quire/protocol/app-server";
import type { Written } from "../composer/composer.ts";

interface Unread {
  readonly id: string;
  readonly turnId: string;
  readonly written: Written;
  isAccepted: boolean;
}

/** What was said into a running turn and has not been read there: the model looks between two steps. */
export class UnreadMessages {
  #all: Unread[] = [];
  #count = 0;

  get all(): readonly Written[] {
    return this.#all.map(({ written }) => written);
  }

  /** Gives the id with which the message is sent; the item that it becomes carries it. */
  add(written: Written, turnId: string): string {
    this.#count += 1;
    const id = `${turnId}-said-${this.#count}`;
    this.#all.push({ id, turnId, written, isAccepted: false });
    return id;
  }

  /** The server has taken it. False when it was read already. */
  accept(id: string): boolean {
    const found = this.#all.find((each) => each.id === id);
    if (found) found.isAccepted = true;
    return found !== undefined;
  }

  /** It was not taken, or will be said in another way. */
  drop(id: string): void {
    this.#all = this.#all.filter((each) => each.id !== id);
  }

  /** A message that became an item has been read. */
  take({ method, params }: ServerNotification): void {
    if (method !== "item/started" && method !== "item/completed") return;
    this.takeItem(params.item);
  }

  takeItem(item: WireItem): void {
    if (item.type === "userMessage" && item.clientId !== null) this.drop(item.clientId);
  }

  /** Takes out what a turn that has ended took and never read, as one message; null for nothing. */
  takeLeftBy(turnId: string): Written | null {
    const isLeft = (each: Unread): boolean => each.turnId === turnId && each.isAccepted;
    const left = this.#all.filter(isLeft).map(({ written }) => written);
    this.#all = this.#all.filter((each) => !isLeft(each));
    if (left.length === 0) return null;
    return { text: left.map(({ text }) => text).join("\n\n"), images: left.flatMap(({ images }) => images) };
  }
}
