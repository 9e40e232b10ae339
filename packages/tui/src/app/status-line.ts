import { tightLimits, usedShare } from "@quire/protocol";
import { presetOf } from "../commands/presets.ts";
import type { ThreadState } from "../state/thread-state.ts";
import { costText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutLine, lineWidth } from "../text/wrap.ts";
import type { ThreadSettings } from "./thread-link.ts";

/** What the line below the composer is made of. */
export interface StatusFacts {
  readonly settings: ThreadSettings;
  readonly state: ThreadState;
  readonly branch: string | null;
  readonly homeDir: string;
  /** A short word that takes the place of the figures: what Ctrl-C does next, say. */
  readonly hint: string | null;
}

/** Model, rights and folder on the left; what is left of the context, tokens and money on the right. */
export function statusLine(
  { settings, state, branch, homeDir, hint }: StatusFacts,
  columns: number,
): StyledLine {
  const effort = settings.effort === null ? "" : ` ${settings.effort}`;
  const place = `${shortFolder(settings.cwd, homeDir)}${branch === null ? "" : ` (${branch})`}`;
  const preset = presetOf(settings.sandbox);
  const left: Span[] = [
    { text: safeLine(`${settings.model}${effort}`), ink: "muted" },
    { text: " · ", ink: "muted" },
    { text: preset, ink: preset === "full-access" ? "warn" : "muted" },
    { text: ` · ${safeLine(place)}`, ink: "muted" },
  ];
  const right: Span[] = hint === null ? figures(state) : [{ text: hint, ink: "warn" }];
  const gap = columns - lineWidth({ spans: left }) - lineWidth({ spans: right });
  if (gap >= 2) return { spans: [...left, { text: " ".repeat(gap) }, ...right] };
  return cutLine({ spans: hint === null ? left : right }, columns);
}

function figures({ usage, limits }: ThreadState): Span[] {
  const near = tightLimits(limits)
    .slice(0, 1)
    .map(
      (limit): Span => ({
        text: ` · ${safeLine(limit.name)} limit ${Math.round(usedShare(limit) ?? 0)}% used`,
        ink: "warn",
      }),
    );
  if (usage === null) return near;
  const context =
    usage.window === null
      ? []
      : [`${Math.max(0, Math.round(100 - (100 * usage.last.total) / usage.window))}% context left`];
  const isTight = usage.window !== null && usage.last.total > 0.85 * usage.window;
  const parts = [
    ...context,
    `${tokensText(usage.total.total)} tokens`,
    ...(usage.cost ? [costText(usage.cost)] : []),
  ];
  return [{ text: parts.join(" · "), ink: isTight ? "warn" : "muted" }, ...near];
}

function shortFolder(folder: string, homeDir: string): string {
  if (folder === homeDir) return "~";
  return folder.startsWith(`${homeDir}/`) ? `~${folder.slice(homeDir.length)}` : folder;
}
