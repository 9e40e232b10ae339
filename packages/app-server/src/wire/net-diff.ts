import type { FileUpdateChange } from "@quire/protocol";
import { FileChain } from "./file-chain.ts";
import { parseDiff } from "./parsed-diff.ts";

/** What a file's patches of one turn come to, or the patches themselves where they cannot be joined. */
interface Tracked {
  chain: FileChain | null;
  diffs: string[];
}

/**
 * The net change of a turn as one unified diff: each file once, from how the turn found it to how it is now. It is joined
 * from the patches' own diffs, so what a command changed in between is not in it, and lines around a change are shown as
 * far as some patch showed them.
 */
export class NetDiff {
  readonly #files = new Map<string, Tracked>();

  add(changes: readonly FileUpdateChange[]): void {
    for (const change of changes) this.#addOne(change);
  }

  text(): string {
    return [...this.#files.values()]
      .map(({ chain, diffs }) => (chain === null ? diffs.join("") : chain.text()))
      .join("");
  }

  #addOne({ path, kind, diff }: FileUpdateChange): void {
    if (diff === "") return;
    const tracked = this.#files.get(path) ?? { chain: null, diffs: [] };
    const isFirst = tracked.diffs.length === 0;
    tracked.diffs.push(diff);
    const parsed = parseDiff(diff);
    if (parsed === null) tracked.chain = null;
    else if (isFirst) tracked.chain = new FileChain(parsed);
    else if (tracked.chain !== null && !tracked.chain.add(parsed)) tracked.chain = null;
    const moved = kind.type === "update" ? kind.move_path : null;
    if (moved !== null) this.#files.delete(path);
    this.#files.set(moved ?? path, tracked);
  }
}
