import { visibleLine } from "@quire/protocol";

/** What became of one thing. `kept`: there is one here already, and it stays. */
export interface ImportEntry {
  kind: "config" | "rules" | "instructions" | "prompt" | "skill" | "thread" | "key";
  name: string;
  outcome: "taken" | "kept" | "left";
  /** Why it was not taken. */
  reason: string | null;
}

const PLURALS: Readonly<Record<ImportEntry["kind"], string>> = {
  config: "configuration keys",
  rules: "rule files",
  instructions: "instruction files",
  prompt: "saved prompts",
  skill: "skills",
  thread: "threads",
  key: "API keys",
};

/** The report for people: counts of what was taken, and everything that was not, with the reason. */
export function reportText(
  entries: readonly ImportEntry[],
  { from, home, dryRun }: { from: string; home: string; dryRun: boolean },
): string {
  const lines = [`${dryRun ? "Would take" : "Taken"} from ${from} to ${home}:`];
  for (const [kind, plural] of Object.entries(PLURALS)) {
    const taken = entries.filter((entry) => entry.kind === kind && entry.outcome === "taken");
    if (taken.length === 0) continue;
    const names = kind === "thread" ? "" : `: ${taken.map(({ name }) => visibleLine(name)).join(", ")}`;
    lines.push(`  ${taken.length} ${plural}${names}`);
  }
  if (lines.length === 1) lines.push("  nothing");
  const rest = entries.filter(({ outcome }) => outcome !== "taken");
  if (rest.length > 0) lines.push("Not taken:");
  for (const { kind, name, reason } of rest) lines.push(`  ${kind} ${visibleLine(name)}: ${reason ?? ""}`);
  return `${lines.join("\n")}\n`;
}
