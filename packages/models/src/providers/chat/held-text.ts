import type { ToolSpec } from "../../model-client.ts";

const TAGS = ["<tool_call>", "<function=", "[TOOL_CALLS]", "<|python_tag|>"];
const FENCES = ["```json", "```tool_call", "```tool_code", "```"];
const MARK = /[<[`{]/;

/**
 * Lets text through as it streams, and holds back what may be the beginning of a printed call until it is certain that it
 * is not. From the first certain beginning on everything is held: calls come last.
 */
export class HeldText {
  readonly #openings: readonly string[];
  readonly #bare: readonly string[];
  #held = "";
  #seen = false;
  #certain = false;

  /** Without tools nothing is ever held. */
  constructor(tools: readonly ToolSpec[], openJson: boolean) {
    const heads = tools.flatMap(({ name }) => {
      const said = `"name":${JSON.stringify(name)}`;
      return [
        `{${said}`,
        `[{${said}`,
        `{"type":"function",${said}`,
        `{"type":"function","function":{${said}`,
      ];
    });
    this.#bare = openJson ? heads : [];
    const fenced = openJson ? FENCES.flatMap((fence) => heads.map((head) => `${fence}${head}`)) : [];
    this.#openings = tools.length === 0 ? [] : [...TAGS, ...fenced];
  }

  /** The text that may be shown now. */
  push(delta: string): string {
    if (this.#openings.length === 0) return delta;
    if (this.#certain) {
      this.#held += delta;
      return "";
    }
    if (this.#held === "" && this.#seen && !MARK.test(delta)) return delta;
    this.#held += delta;
    return this.#release();
  }

  /** What was held at the end. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #release(): string {
    let at = 0;
    for (; at < this.#held.length; at++) {
      const rest = this.#held[at] ?? "";
      if (rest.trim() === "") {
        if (this.#seen) continue;
        // White space before the first word is held: a bare call may follow.
        if (this.#held.slice(at).trim() === "") break;
        continue;
      }
      const first = !this.#seen;
      this.#seen = true;
      if (!MARK.test(rest)) continue;
      const fate = this.#fateAt(at, first);
      if (fate === "certain") this.#certain = true;
      if (fate !== "text") {
        if (first && fate === "open") this.#seen = false;
        break;
      }
      if (rest === "`") while (this.#held[at + 1] === "`") at++;
    }
    const shown = this.#held.slice(0, at);
    this.#held = this.#held.slice(at);
    return shown;
  }

  #fateAt(at: number, first: boolean): "certain" | "open" | "text" {
    const compact = this.#held.slice(at, at + 400).replace(/\s+/g, "");
    const openings = first ? [...this.#openings, ...this.#bare] : this.#openings;
    if (openings.some((opening) => compact.startsWith(opening))) return "certain";
    return openings.some((opening) => opening.startsWith(compact)) ? "open" : "text";
  }
}
