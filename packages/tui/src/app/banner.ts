import { presetOf } from "../commands/presets.ts";
import { safeLine } from "../text/safe-text.ts";
import type { StyledLine } from "../text/styled-line.ts";
import type { TuiPorts } from "./ports.ts";
import type { ThreadSettings } from "./thread-settings.ts";

/** The lines that a thread begins with. */
export function banner(settings: ThreadSettings, { version }: Pick<TuiPorts, "version">): StyledLine[] {
  const isOffline = settings.model === "offline-repair";
  const model = `${settings.model}${settings.effort === null ? "" : ` · effort ${settings.effort}`}`;
  const first: StyledLine = {
    spans: [
      { text: "Quire ", ink: "accent", bold: true },
      { text: `${version} · ${safeLine(model)} · ${presetOf(settings.sandbox)}`, ink: "muted" },
    ],
  };
  if (!isOffline) return [first];
  return [
    first,
    {
      spans: [
        {
          text: "No model is configured. The built-in repair engine finds one-line bugs behind failing tests; it is a search program and no language model. /help says how to go on.",
          ink: "muted",
        },
      ],
    },
  ];
}
