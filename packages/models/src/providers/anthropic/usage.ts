import type { TokenUsage } from "@quire/protocol";
import { type Fields, fieldsOf } from "../../transport/json-fields.ts";

/** Usage is said in two events; a later one wins where it says something. */
export class AnthropicUsage {
  readonly #said = new Map<string, number>();

  take(usage: unknown): void {
    const fields: Fields = fieldsOf(usage);
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "number" && value >= 0) this.#said.set(name, value);
    }
  }

  /** Null when nothing was said. What was read from and written to a cache counts as input. */
  total(): TokenUsage | null {
    if (this.#said.size === 0) return null;
    const cached = this.#count("cache_read_input_tokens");
    const written = this.#count("cache_creation_input_tokens");
    return {
      input_tokens: this.#count("input_tokens") + cached + written,
      cached_input_tokens: cached,
      cache_write_input_tokens: written,
      output_tokens: this.#count("output_tokens"),
      reasoning_output_tokens: 0,
    };
  }

  #count(name: string): number {
    return this.#said.get(name) ?? 0;
  }
}
