const OPEN = "<proposed_plan>";
const CLOSE = "</proposed_plan>";

/** A piece of a message: of its words, or of the plan in it. */
export interface PlanPiece {
  of: "text" | "plan";
  text: string;
}

/**
 * Takes a message apart, as it streams, into its words and the plan between `<proposed_plan>` and `</proposed_plan>`. A tag
 * counts where it stands on a line of its own; one that is never closed runs to the end of the message. However a message
 * is cut into deltas, the pieces put together are the same.
 */
export class PlanSplitter {
  #inPlan = false;
  /** The beginning of a line that may still become a tag. */
  #held = "";
  #atLineStart = true;

  push(delta: string): PlanPiece[] {
    const pieces: PlanPiece[] = [];
    let rest = this.#held + delta;
    this.#held = "";
    while (rest !== "") {
      const end = rest.indexOf("\n");
      const line = end === -1 ? rest : rest.slice(0, end);
      const tag = this.#inPlan ? CLOSE : OPEN;
      if (this.#atLineStart && line.trim() === tag && end !== -1) {
        this.#inPlan = !this.#inPlan;
        rest = rest.slice(end + 1);
        continue;
      }
      if (end === -1 && this.#atLineStart && mayBecome(line, tag)) {
        this.#held = line;
        break;
      }
      const piece = end === -1 ? rest : rest.slice(0, end + 1);
      add(pieces, this.#inPlan ? "plan" : "text", piece);
      this.#atLineStart = end !== -1;
      rest = rest.slice(piece.length);
    }
    return pieces;
  }

  /** What was held back, when the message is complete. */
  end(): PlanPiece[] {
    const line = this.#held;
    this.#held = "";
    if (line === "") return [];
    if (line.trim() === (this.#inPlan ? CLOSE : OPEN)) return [];
    return [{ of: this.#inPlan ? "plan" : "text", text: line }];
  }
}

/** A whole message: its words, and the plan in it; null without one. */
export function splitPlan(message: string): { text: string; plan: string | null } {
  const splitter = new PlanSplitter();
  const pieces = [...splitter.push(message), ...splitter.end()];
  const join = (of: PlanPiece["of"]) =>
    pieces
      .filter((piece) => piece.of === of)
      .map(({ text }) => text)
      .join("");
  const plan = join("plan").trim();
  return plan === "" ? { text: message, plan: null } : { text: join("text").trim(), plan };
}

function mayBecome(line: string, tag: string): boolean {
  const begun = line.trimStart();
  return begun.length <= tag.length ? tag.startsWith(begun) : begun.startsWith(tag) && begun.trim() === tag;
}

function add(pieces: PlanPiece[], of: PlanPiece["of"], text: string): void {
  const last = pieces.at(-1);
  if (last?.of === of) last.text += text;
  else pieces.push({ of, text });
}
