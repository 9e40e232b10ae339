import type { TitleField } from "../preferences/fields.ts";
import { safeLine } from "../text/safe-text.ts";
import { type StatusFacts, shortFolder } from "./status-line.ts";

type TitleFacts = Pick<StatusFacts, "settings" | "state" | "branch" | "homeDir">;

/** The title of the window; null when it is left alone. */
export function windowTitle(fields: readonly TitleField[], facts: TitleFacts): string | null {
  if (fields.length === 0) return null;
  const parts = fields.map((field) => PARTS[field](facts)).filter((part) => part !== "");
  return safeLine(parts.join(" ")).slice(0, 120);
}

const PARTS: Readonly<Record<TitleField, (facts: TitleFacts) => string>> = {
  app: () => "quire",
  status: ({ state }) => statusSign(state),
  thread: ({ state }) => state.name ?? "",
  folder: ({ settings, homeDir }) => shortFolder(settings.cwd, homeDir),
  branch: ({ branch }) => branch ?? "",
  model: ({ settings }) => settings.model,
};

/** Empty while nothing runs. It does not move: a title that changes ten times a second is noise in a list of windows. */
function statusSign({ turn, status }: StatusFacts["state"]): string {
  if (turn === null) return "";
  return status.type === "active" && status.activeFlags.length > 0 ? "?" : "●";
}
