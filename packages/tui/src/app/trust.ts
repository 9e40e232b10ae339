import type { OpenNotice } from "@quire/protocol/app-server";
import { noticeBlock } from "../blocks/message.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { safeLine } from "../text/safe-text.ts";
import { BLANK, lineOf, type StyledLine } from "../text/styled-line.ts";
import type { Opened } from "./open-thread.ts";
import type { Ask } from "./questions.ts";

/** The engine's words for a project whose settings do not count, and for one whose settings are not those that were trusted. */
const TRUST_CODES = ["project_untrusted", "project_changed"];

export interface TrustDeciding {
  readonly ask: Ask;
  /** Records what was decided for a folder; null where that cannot be decided from here. */
  readonly decide: ((folder: string, level: "trusted" | "untrusted") => Promise<void>) | null;
}

/** Asks about the settings that a project brings, where that is open. True: they are trusted now and were not before. */
export async function decideTrust(
  { cwd, notices = [] }: Pick<Opened, "cwd" | "notices">,
  { ask, decide }: TrustDeciding,
): Promise<boolean> {
  const open = notices.filter(({ code, level }) => level === "warning" && TRUST_CODES.includes(code));
  if (open.length === 0 || decide === null) return false;
  const level = await askTrust(open, ask);
  if (level !== null) await decide(cwd, level);
  return level === "trusted";
}

function askTrust(notices: readonly OpenNotice[], ask: Ask): Promise<"trusted" | "untrusted" | null> {
  const about: StyledLine[] = notices.flatMap(({ message, details }) => [
    // What to do about it outside of here is left out: this very dialog does it.
    lineOf(`  ${safeLine(message.replace(/ (?:To trust it|Look at it), [\s\S]*$/, ""))}`),
    ...details.map((line) => lineOf(`    ${safeLine(line)}`, { ink: "code" })),
  ]);
  const hasChanged = notices.some(({ code }) => code === "project_changed");
  return ask(
    pickDialog<"trusted" | "untrusted">({
      title: hasChanged
        ? "The settings of this project have changed. Should they count?"
        : "This project brings settings of its own. Should they count?",
      about: [...about, BLANK],
      choices: [
        { key: "y", label: "Yes, I trust this project", hint: "as it is now", value: "trusted" },
        { key: "n", label: "No, leave them out", hint: "and do not ask again", value: "untrusted" },
      ],
    }),
  );
}

/** The first lines of a thread say it already. */
const IN_BANNER = ["model_offline", "sandbox_mode"];

/** What else the engine says of a thread that was opened; what its first turn will say is left out. */
export function openNoticeLines({ notices = [] }: Pick<Opened, "notices">): StyledLine[] {
  return notices
    .filter(({ code, inTurn }) => !inTurn && !TRUST_CODES.includes(code) && !IN_BANNER.includes(code))
    .flatMap(({ code, level, message, details }) => [
      ...noticeBlock(level === "warning" ? "warn" : "quiet", message, level === "warning" ? code : null),
      ...details.map((line) => lineOf(`  ${safeLine(line)}`, { ink: "muted" })),
    ]);
}
