import type { ThreadItem } from "@quire/protocol";
import type { Effect, WrittenText } from "@quire/tools";
import type { JudgeRules } from "../approvals/judge-rules.ts";
import type { BindingRule } from "../binding-rules/binding-rule.ts";
import type { CheckedRule, TurnChange, TurnCommand } from "../binding-rules/turn-state.ts";
import type { RememberedTree, WorkTree } from "../binding-rules/work-tree.ts";

export interface RuleWatchDeps {
  rules: readonly BindingRule[];
  /** Absent where nobody can tell what commands change. */
  workTree: WorkTree | null;
  commands: JudgeRules["commands"];
  now: () => number;
}

/** Collects over one turn what the rules of AGENTS.md are checked by in the end: what ran, and what was changed. */
export class RuleWatch {
  readonly #deps: RuleWatchDeps;
  readonly #patched = new Map<string, TurnChange>();
  readonly #commands: TurnCommand[] = [];
  /** By item: how many patches had been made when it began. */
  readonly #began = new Map<string, number>();
  readonly #patchesAt: number[] = [];
  #patches = 0;
  #tree: Promise<RememberedTree | { kind: "unknown"; why: string }> | null = null;

  constructor(deps: RuleWatchDeps) {
    this.#deps = deps;
  }

  /** To be called before a call runs: remembers the tree before the first command that may change it. */
  async before(effects: readonly Effect[], signal: AbortSignal): Promise<void> {
    if (this.#tree !== null || !this.#deps.rules.some(({ check }) => check.kind !== "never_command")) return;
    for (const effect of effects) {
      if (!(await this.#mayChange(effect))) continue;
      this.#tree ??= this.#deps.workTree?.remember(signal) ?? Promise.resolve(NOT_KNOWN);
      await this.#tree;
      return;
    }
  }

  async #mayChange(effect: Effect): Promise<boolean> {
    if (effect.kind === "mcp") return !effect.readOnly;
    if (effect.kind === "input") return effect.text !== "";
    if (effect.kind !== "command") return false;
    const { classify } = await import("@quire/execpolicy");
    return (await classify(effect.command, { ...this.#deps.commands, cwd: effect.cwd })).verdict !== "safe";
  }

  /** To be called when a call succeeded. */
  succeeded(effects: readonly Effect[]): void {
    const texts = effects.flatMap((effect) => (effect.kind === "write" ? (effect.texts?.() ?? []) : []));
    if (texts.length === 0) return;
    this.#patches++;
    for (const text of texts) this.#patch(text);
  }

  #patch({ path, before, after }: WrittenText): void {
    const known = this.#patched.get(path);
    const change = { path, before: known === undefined ? before : known.before, after, changedAtMs: null };
    if (change.before === after) this.#patched.delete(path);
    else this.#patched.set(path, change);
  }

  started(item: ThreadItem): void {
    if (item.type === "commandExecution") this.#began.set(item.id, this.#patches);
  }

  completed(item: ThreadItem): void {
    // A look at a running command is no run of its own.
    if (item.type !== "commandExecution" || item.source !== "agent") return;
    if (item.status === "declined") return;
    this.#patchesAt.push(this.#began.get(item.id) ?? this.#patches);
    this.#commands.push({
      command: item.command,
      exitCode: item.exitCode,
      endedAtMs: this.#deps.now(),
      beforeLastPatch: false,
    });
  }

  /** What the rules that the turn had to do with came to. */
  async check(signal: AbortSignal): Promise<CheckedRule[]> {
    const { checkTurn } = await import("../binding-rules/turn-state.ts");
    const tree = await this.#tree;
    const found = tree === null ? null : "changes" in tree ? await tree.changes(signal) : tree;
    const changes = new Map(this.#patched);
    if (found?.kind === "known") {
      for (const change of found.changes) changes.set(change.path, change);
    }
    return checkTurn(this.#deps.rules, {
      changes: [...changes.values()],
      commands: this.#commands.map((command, index) => ({
        ...command,
        beforeLastPatch: (this.#patchesAt[index] ?? 0) < this.#patches,
      })),
      unknown: found?.kind === "unknown" ? found.why : null,
      subjects: found?.kind === "known" ? found.subjects : [],
    });
  }

  async close(): Promise<void> {
    const tree = await this.#tree;
    if (tree !== null && "close" in tree) tree.close();
  }
}

const NOT_KNOWN = { kind: "unknown", why: "nobody looks at the working tree here" } as const;
