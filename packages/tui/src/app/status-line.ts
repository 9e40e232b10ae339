import { type BudgetState, tightLimits, usedShare } from "@quire/protocol";
import { presetOf } from "../commands/presets.ts";
import { STATUS_FIELDS, type StatusField } from "../preferences/fields.ts";
import type { ThreadState } from "../state/thread-state.ts";
import { costText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutLine, lineWidth } from "../text/wrap.ts";
import { goalSpan } from "./goal-field.ts";
import type { ThreadSettings } from "./thread-settings.ts";
import type { Attention } from "./window-thread.ts";

/** What the line below the composer is made of. */
export interface StatusFacts {
  readonly settings: ThreadSettings;
  readonly state: ThreadState;
  readonly branch: string | null;
  readonly homeDir: string;
  /** A short word that takes the place of the figures: what Ctrl-C does next, say. */
  readonly hint: string | null;
  /** What is shown, in order; everything when it is left out. */
  readonly fields?: readonly StatusField[];
  /** Where the other threads of the window stand. */
  readonly others?: readonly Attention[];
  /** A word at the very left: the mode of the composer. */
  readonly mode?: string | null;
}

/** Fields that say what the thread is stand on the left, figures on the right. */
const FIGURES: readonly StatusField[] = [
  "threads",
  "goal",
  "background",
  "context",
  "tokens",
  "cost",
  "budget",
  "limits",
];
/** Shown behind these without a dot between. */
const FOLLOWS: Readonly<Partial<Record<StatusField, StatusField>>> = { effort: "model", branch: "folder" };

/** Cells in which the left side still says something. */
const LEAST_LEFT = 10;
/** Left out first, in this order, where not everything fits; what is left then wants to be seen. */
const LEFT_OUT: readonly StatusField[] = ["tokens", "cost", "context", "background"];

/** Model, rights and folder on the left; what is left of the context, tokens and money on the right. */
export function statusLine(facts: StatusFacts, columns: number): StyledLine {
  const { fields = STATUS_FIELDS, hint, mode = null } = facts;
  const begin: Span[] = mode === null ? [] : [{ text: `${mode} `, ink: "accent", bold: true }];
  const named = fields.filter((field) => !FIGURES.includes(field));
  const left = [...begin, ...joined(named, facts)];
  const room = columns - lineWidth({ spans: left }) - 2;
  const right: Span[] = hint === null ? figures(fields, facts, room) : [{ text: hint, ink: "warn" }];
  if (right.length === 0) return cutLine({ spans: left }, columns);
  const width = lineWidth({ spans: right });
  const forLeft = columns - width - 2;
  if (forLeft < LEAST_LEFT) return cutLine({ spans: right }, columns);
  const kept = cutLine({ spans: left }, forLeft).spans;
  const gap = columns - lineWidth({ spans: kept }) - width;
  return { spans: [...kept, gapOf(gap), ...right] };
}

/** Those that fit; those that somebody should see in any case. */
function figures(fields: readonly StatusField[], facts: StatusFacts, room: number): Span[] {
  let shown = fields.filter((field) => FIGURES.includes(field));
  for (const leftOut of LEFT_OUT) {
    if (lineWidth({ spans: joined(shown, facts) }) <= room) break;
    shown = shown.filter((field) => field !== leftOut);
  }
  return joined(shown, facts);
}

function gapOf(cells: number): Span {
  return { text: " ".repeat(Math.max(0, cells)) };
}

function joined(fields: readonly StatusField[], facts: StatusFacts): Span[] {
  const spans: Span[] = [];
  let before: StatusField | null = null;
  for (const field of fields) {
    const follows = before !== null && FOLLOWS[field] === before;
    const span = fieldSpan(field, facts, follows);
    if (span === null) continue;
    if (spans.length > 0) spans.push({ text: follows ? " " : " · ", ink: "muted" });
    spans.push(span);
    before = field;
  }
  return spans;
}

/** Null when there is nothing to show. */
function fieldSpan(field: StatusField, facts: StatusFacts, follows: boolean): Span | null {
  const { settings, state, branch, homeDir } = facts;
  const muted = (text: string): Span => ({ text: safeLine(text), ink: "muted" });
  switch (field) {
    case "model":
      return muted(settings.model);
    case "effort":
      return settings.effort === null ? null : muted(follows ? settings.effort : `effort ${settings.effort}`);
    case "mode":
      return state.mode === "plan" ? { text: "plan mode", ink: "accent", bold: true } : null;
    case "preset": {
      const preset = state.mode === "plan" ? "read-only" : presetOf(settings.sandbox);
      return { text: preset, ink: preset === "full-access" ? "warn" : "muted" };
    }
    case "folder":
      return muted(shortFolder(settings.cwd, homeDir));
    case "branch":
      return branch === null ? null : muted(follows ? `(${branch})` : branch);
    case "threads":
      return othersSpan(facts.others ?? []);
    case "goal":
      return goalSpan(state.goal);
    case "background": {
      const count = backgroundCount(state);
      return count === 0 ? null : { text: `${count} in the background`, ink: "accent" };
    }
    default:
      return figureSpan(field, state);
  }
}

const MARKS = [
  ["asks", "asking"],
  ["ended", "done"],
  ["works", "working"],
  ["rests", "at rest"],
] as const;

/** Threads in the background; what somebody should look at is set off. */
function othersSpan(others: readonly Attention[]): Span | null {
  if (others.length === 0) return null;
  const words = MARKS.flatMap(([attention, word]) => {
    const count = others.filter((other) => other === attention).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const ink = others.includes("asks") ? "warn" : others.includes("ended") ? "accent" : "muted";
  return { text: `elsewhere ${words.join(", ")}`, ink };
}

type Figure = "context" | "tokens" | "cost" | "budget" | "limits";

const SCOPES: Readonly<Record<BudgetState["scope"], string>> = {
  turn: "this turn",
  thread: "this thread",
  day: "today",
  month: "this month",
  user: "in all",
};
/** From this share on a budget wants to be seen. */
const TIGHT = 0.8;

/** The limit of which the largest part is gone: what is spent and what calls in progress may still take. */
function budgetSpan(budgets: readonly BudgetState[]): Span | null {
  const share = ({ spent, reserved, limit }: BudgetState) => ((spent ?? limit) + reserved) / limit;
  const [near] = budgets.toSorted((a, b) => share(b) - share(a));
  if (near === undefined) return null;
  const amount = near.spent === null ? "?" : budgetAmount(near, near.spent);
  const text = `${amount} of ${budgetAmount(near, near.limit)} ${SCOPES[near.scope]}`;
  return { text, ink: share(near) >= TIGHT ? "warn" : "muted" };
}

function budgetAmount({ unit }: BudgetState, amount: number): string {
  if (unit === "usd") return `$${amount.toFixed(2)}`;
  return unit === "tokens" ? `${tokensText(amount)} tokens` : `${amount} calls`;
}

function figureSpan(field: Figure, { usage, limits, budgets }: ThreadState): Span | null {
  if (field === "budget") return budgetSpan(budgets);
  if (field === "limits") {
    const [near] = tightLimits(limits);
    const share = near === undefined ? null : Math.round(usedShare(near) ?? 0);
    return near === undefined ? null : { text: `${safeLine(near.name)} limit ${share}% used`, ink: "warn" };
  }
  if (usage === null) return null;
  if (field === "tokens") return { text: `${tokensText(usage.total.total)} tokens`, ink: "muted" };
  if (field === "cost") return usage.cost ? { text: costText(usage.cost), ink: "muted" } : null;
  if (usage.window === null) return null;
  const left = Math.max(0, Math.round(100 - (100 * usage.last.total) / usage.window));
  return { text: `${left}% context left`, ink: usage.last.total > 0.85 * usage.window ? "warn" : "muted" };
}

/** Commands that go on while nobody waits for them. */
export function backgroundCount({ live }: ThreadState): number {
  return live.filter(({ item }) => item.type === "commandExecution" && item.processId !== null).length;
}

export function shortFolder(folder: string, homeDir: string): string {
  if (folder === homeDir) return "~";
  return folder.startsWith(`${homeDir}/`) ? `~${folder.slice(homeDir.length)}` : folder;
}
