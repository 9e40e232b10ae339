import type { ReviewTarget } from "@quire/protocol/app-server";
import { pickDialog } from "../dialogs/pick.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

export const REVIEW: SlashCommand = {
  name: "review",
  help: "have changes looked at",
  argument: "[WHAT TO LOOK FOR]",
  whileRunning: false,
  async run(argument, context) {
    const target =
      argument === "" ? await pickTarget(context) : ({ type: "custom", instructions: argument } as const);
    if (target !== null)
      await context.client.request("review/start", { threadId: context.thread.id, target });
  },
};

async function pickTarget({ ask }: CommandContext): Promise<ReviewTarget | null> {
  const kind = await ask(
    pickDialog<"uncommitted" | "base" | "commit">({
      title: "What is to be reviewed?",
      choices: [
        { key: "u", label: "uncommitted changes", hint: "new files too", value: "uncommitted" },
        { key: "b", label: "this branch", hint: "against another one", value: "base" },
        { key: "c", label: "a commit", hint: "", value: "commit" },
      ],
    }),
  );
  if (kind === null) return null;
  if (kind === "uncommitted") return { type: "uncommittedChanges" };
  const name = await ask(
    readTextDialog({
      title: kind === "base" ? "Against which branch?" : "Which commit?",
      text: kind === "base" ? "main" : "HEAD",
    }),
  );
  if (!name) return null;
  return kind === "base" ? { type: "baseBranch", branch: name } : { type: "commit", sha: name };
}
