import type { FunctionCall } from "@quire/protocol";
import { type Fields, fieldsOf, isFields, textOr } from "../../transport/json-fields.ts";

interface OpenCall {
  index: number;
  itemId: string;
  callId: string;
  name: string;
  arguments: string;
}

/** Puts the calls of one answer together from the pieces in which they stream. */
export class CallPieces {
  readonly #newId: (prefix: string) => string;
  readonly #calls: OpenCall[] = [];

  constructor(newId: (prefix: string) => string) {
    this.#newId = newId;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** The piece of arguments that came, and the item it belongs to. Null for a piece without any. */
  add(piece: Fields, place: number): { itemId: string; delta: string } | null {
    const said = fieldsOf(piece.function);
    const call = this.#callOf(piece, said, place);
    const name = textOr(said.name, "");
    if (name !== "" && call.arguments === "" && call.name !== name) call.name += name;
    const delta = isFields(said.arguments) ? JSON.stringify(said.arguments) : textOr(said.arguments, "");
    if (delta === "") return null;
    call.arguments += delta;
    return { itemId: call.itemId, delta };
  }

  /** The calls as items, in their order. One without a name cannot be answered and is left out. */
  items(): FunctionCall[] {
    return this.#calls
      .filter((call) => call.name !== "")
      .map(({ itemId, callId, name, arguments: args }) => ({
        type: "function_call",
        id: itemId,
        call_id: callId,
        name,
        arguments: args,
      }));
  }

  /** Some servers give every call the index 0 and tell them apart by their ids only; others give no ids at all. */
  #callOf(piece: Fields, said: Fields, place: number): OpenCall {
    const index = typeof piece.index === "number" ? piece.index : place;
    const id = textOr(piece.id, "");
    const open = this.#calls.findLast((call) => call.index === index);
    const another = id !== "" && open !== undefined && open.callId !== id && textOr(said.name, "") !== "";
    if (open !== undefined && !another) return open;
    const call = {
      index,
      itemId: this.#newId("fc"),
      callId: id === "" ? this.#newId("call") : id,
      name: "",
      arguments: "",
    };
    this.#calls.push(call);
    return call;
  }
}
