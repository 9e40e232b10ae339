import type { Client } from "@quire/client";
import type { ServerParams, ServerResult } from "@quire/protocol/app-server";
import type { BlockView } from "../blocks/block-view.ts";
import { type ApprovalChoice, commandApproval, fileApproval } from "../dialogs/approval.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf } from "../text/styled-line.ts";

/** Shows a dialog, when those before it are done, and waits for what is chosen. */
export type Ask = <T>(dialog: Dialog<T | null>) => Promise<T | null>;

type UserQuestion = ServerParams<"item/tool/requestUserInput">["questions"][number];

/**
 * Answers what the server asks: approvals and questions of the model, one dialog at a time in the order in which they
 * came.
 */
export function answerQuestions(
  client: Client,
  ask: Ask,
  view: () => BlockView,
  onAsked: (kind: "approval" | "question", text: string) => void,
): void {
  client.onRequest("item/commandExecution/requestApproval", async (params) => {
    onAsked("approval", params.command ?? "");
    return decided(await ask(commandApproval(params, view())), ask);
  });
  client.onRequest("item/fileChange/requestApproval", async (params) => {
    onAsked("approval", (params.paths ?? []).join(", "));
    const answer = await decided(await ask(fileApproval(params, view())), ask);
    const { decision } = answer;
    return { ...answer, decision: typeof decision === "string" ? decision : "accept" };
  });
  client.onRequest("item/tool/requestUserInput", async ({ questions }) => {
    const answers: ServerResult<"item/tool/requestUserInput">["answers"] = {};
    for (const question of questions) {
      onAsked("question", question.question);
      const answer = await askQuestion(question, ask);
      answers[question.id] = { answers: answer === null ? [] : [answer] };
    }
    return { answers };
  });
}

/** No choice at all is a refusal that lets the agent go on. */
async function decided(
  choice: ApprovalChoice | null,
  ask: Ask,
): Promise<ServerResult<"item/commandExecution/requestApproval">> {
  if (choice === null) return { decision: "decline" };
  if (choice !== "explain") return { decision: choice };
  const message = await ask(readTextDialog({ title: "What should the agent do instead?" }));
  return message ? { decision: "decline", message } : { decision: "decline" };
}

const OTHER = { isOther: true } as const;

async function askQuestion(question: UserQuestion, ask: Ask): Promise<string | null> {
  const title = safeLine(question.header || "The agent asks");
  const about = [lineOf(safeLine(question.question))];
  const read = () => ask(readTextDialog({ title, about, isSecret: question.isSecret }));
  if (question.options === null || question.options.length === 0) return read();
  const choices = question.options.map(({ label, description }) => ({
    label,
    hint: description,
    value: label,
  }));
  const other = question.isOther ? [{ label: "Something else", hint: "write it", value: OTHER }] : [];
  const chosen = await ask(
    pickDialog<string | typeof OTHER>({ title, about, choices: [...choices, ...other] }),
  );
  return typeof chosen === "object" && chosen !== null ? read() : chosen;
}
