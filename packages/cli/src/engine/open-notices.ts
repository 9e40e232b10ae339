import type { OpenNotice } from "@quire/protocol/app-server";
import type { ModelChoice } from "../session/model/model-choice.ts";
import type { SessionWarning } from "../session/session-request.ts";
import type { ThreadConfig } from "./thread-config.ts";

const OFFLINE =
  "No model is configured, so the built-in offline repair engine works on this. It is not a language model: it can make a failing test pass by a small edit, nothing else. For a model set OPENAI_API_KEY or describe a provider in config.toml.";

/** What was decided for the user and what is wrong with the configuration, in the order in which people are told. */
export function openNotices(
  { loaded, workspace }: ThreadConfig,
  choice: ModelChoice,
  resumed: readonly SessionWarning[],
): OpenNotice[] {
  const notices: OpenNotice[] = [];
  if (choice.kind === "offline" && choice.why === "nothing-configured") {
    notices.push({ code: "model_offline", level: "info", message: OFFLINE, details: [], inTurn: false });
  }
  if (workspace.modeNote !== null) {
    notices.push({
      code: "sandbox_mode",
      level: "info",
      message: workspace.modeNote,
      details: [],
      inTurn: false,
    });
  }
  for (const { level, code, message, details } of loaded.warnings) {
    if (level === "warning") notices.push({ code, level, message, details: [...details], inTurn: false });
  }
  for (const { code, message } of resumed) {
    notices.push({ code, level: "warning", message, details: [], inTurn: true });
  }
  return notices;
}
