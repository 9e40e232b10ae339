import { type ContextPiece, describeContext, type ReadStatement, type ThreadSettings } from "@quire/core";
import { groupedDigits, type ModeKind, visibleLine } from "@quire/protocol";
import type { DryRun } from "../debug/dry-run.ts";

/** What `quire context --json` prints. Tokens are estimates. */
export interface ContextReport {
  model: string;
  /** Null: as the model's endpoint has it. */
  effort: string | null;
  approval_policy: ThreadSettings["approvalPolicy"];
  sandbox_mode: ThreadSettings["sandboxMode"];
  mode: ModeKind;
  pieces: ContextPiece[];
  bytes: number;
  tokens: number;
  /** Tokens; null where unknown. */
  window: number | null;
  /** Tokens beyond which the context is compacted first; null: never by itself. */
  compaction_limit: number | null;
  compactor: string;
  /** Statements of AGENTS.md by what becomes of them; `quire agents rules` lists them. */
  rules: Record<ReadStatement["standing"], number>;
}

export function contextReport({ request, facts, settings }: DryRun): ContextReport {
  const pieces = describeContext(request, facts);
  const sum = (size: "bytes" | "tokens") => pieces.reduce((total, piece) => total + piece[size], 0);
  return {
    model: request.model,
    effort: settings.effort,
    approval_policy: settings.approvalPolicy,
    sandbox_mode: settings.sandboxMode,
    mode: settings.planMode === true ? "plan" : "default",
    pieces,
    bytes: sum("bytes"),
    tokens: sum("tokens"),
    window: settings.contextWindow,
    compaction_limit: settings.compaction.limit,
    compactor: settings.compaction.compactor,
    rules: ruleCounts(settings.ruleBook?.statements ?? []),
  };
}

function ruleCounts(statements: readonly ReadStatement[]): ContextReport["rules"] {
  const counts = { enforced: 0, partly: 0, prose: 0, invalid: 0 };
  for (const { standing } of statements) counts[standing]++;
  return counts;
}

/** Pieces of the conversation that are shown one by one; of more, only the largest are. */
const MOST_SHOWN = 30;

/** The report for people. */
export function contextText(report: ContextReport): string {
  const lines = [row("tokens", "bytes", "cache", "part", "name", "from")];
  const fixed = report.pieces.filter(({ part }) => FIXED.has(part));
  const conversation = report.pieces.filter(({ part }) => !FIXED.has(part));
  const bySize = conversation.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_SHOWN);
  const largest = new Set(bySize);
  const shown = conversation.filter((piece) => largest.has(piece));
  for (const piece of [...fixed, ...shown]) lines.push(pieceRow(piece));
  const hidden = conversation.filter((piece) => !largest.has(piece));
  if (hidden.length > 0) {
    const size = (of: "bytes" | "tokens") => groupedDigits(hidden.reduce((sum, piece) => sum + piece[of], 0));
    lines.push(
      row(size("tokens"), size("bytes"), "", `and ${hidden.length} smaller pieces (--json shows all)`),
    );
  }
  return `${[...lines, "", settingsLine(report), ...totals(report), ...ruleLines(report)].join("\n")}\n`;
}

const FIXED: ReadonlySet<ContextPiece["part"]> = new Set(["instructions", "tool", "surroundings", "summary"]);

function pieceRow(piece: ContextPiece): string {
  const { tokens, bytes, cache, part, name, source } = piece;
  return row(
    groupedDigits(tokens),
    groupedDigits(bytes),
    cache === "new" ? "new" : "yes",
    part,
    visibleLine(name),
    visibleLine(source),
  );
}

function row(tokens: string, bytes: string, cache: string, ...rest: readonly string[]): string {
  const [part = "", name = "", source = ""] = rest;
  const words = rest.length === 1 ? part : `${part.padEnd(12)} ${name.padEnd(24)} ${source}`;
  return `${tokens.padStart(9)} ${bytes.padStart(10)}  ${cache.padEnd(5)}  ${words}`.trimEnd();
}

function settingsLine({
  effort,
  approval_policy: policy,
  sandbox_mode: sandbox,
  mode,
}: ContextReport): string {
  const approvals = typeof policy === "string" ? policy : "granular";
  const thinks = effort === null ? [] : [`effort ${visibleLine(effort)}`];
  const plans = mode === "plan" ? ["plan mode"] : [];
  return [...thinks, `approvals ${approvals}`, `sandbox ${sandbox}`, ...plans].join(" · ");
}

function ruleLines({ rules }: ContextReport): string[] {
  const { enforced, partly, prose, invalid } = rules;
  if (enforced + partly + invalid === 0) return [];
  return [
    `AGENTS.md: ${enforced} statements enforced, ${partly} in part, ${prose} prose, ${invalid} invalid (quire agents rules)`,
  ];
}

function totals(report: ContextReport): string[] {
  const { tokens, window, compaction_limit: limit, compactor } = report;
  const share =
    window === null
      ? "the window is unknown"
      : `${((tokens / window) * 100).toFixed(1)} % of ${groupedDigits(window)}`;
  const all = `about ${groupedDigits(tokens)} tokens in ${groupedDigits(report.bytes)} bytes for ${visibleLine(report.model)}; ${share}`;
  if (limit === null) return [all, "compaction: only on request, or when the endpoint refuses the length"];
  const now = tokens > limit ? "; this request would be compacted first" : "";
  return [all, `compaction: beyond ${groupedDigits(limit)} tokens, summed up by ${compactor}${now}`];
}
