import type { Client } from "@quire/client";
import type { ServerParams, ServerResult } from "@quire/protocol/app-server";
import type { BlockView } from "../blocks/block-view.ts";
import { type ApprovalChoice, commandApproval, commandText, fileApproval } from "../dialogs/approval.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf } from "../text/styled-line.ts";
import type { AskOptions } from "./dialog-queue.ts";
import { answerElicitation } from "./elicitation.ts";

/** Shows a dialog, when those before it are done, and waits for what is chosen. */
export type Ask = <T>(dialog: Dialog<T | null>, options?: AskOptions) => Promise<T | null>;

type UserQuestion = ServerParams<"item/tool/requestUserInput">["questions"][number];

/**
 * Answers what the server asks: approvals and questions of the model, one dialog at a time in the order in which they
 * came. A question that is settled elsewhere goes away by itself.
 */
export function answerQuestions(
  client: Client,
  askUser: Ask,
  view: () => BlockView,
  onAsked: (kind: "approval-requested" | "question-asked", text: string) => void,
): void {
  const asking =
    (threadId: string | null, signal: AbortSignal): Ask =>
    (dialog, options) =>
      askUser(dialog, { settle: true, signal, ...(threadId === null ? {} : { threadId }), ...options });
  client.onRequest("item/commandExecution/requestApproval", async (params, { signal }) => {
    const command = commandText(params);
    onAsked("approval-requested", command);
    const ask = asking(askedIn(params), signal);
    return decided(await ask(commandApproval(params, view())), ask, command);
  });
  client.onRequest("item/fileChange/requestApproval", async (params, { signal }) => {
    onAsked("approval-requested", (params.paths ?? []).join(", "));
    const ask = asking(askedIn(params), signal);
    const answer = await decided(await ask(fileApproval(params, view())), ask, "");
    const { decision } = answer;
    return { ...answer, decision: typeof decision === "string" ? decision : "accept" };
  });
  client.onRequest("item/tool/requestUserInput", async ({ questions, threadId }, { signal }) => {
    const answers: ServerResult<"item/tool/requestUserInput">["answers"] = {};
    for (const question of questions) {
      onAsked("question-asked", question.question);
      const answer = await askQuestion(question, asking(threadId, signal));
      answers[question.id] = { answers: answer === null ? [] : [answer] };
    }
    return { answers };
  });
  client.onRequest("mcpServer/elicitation/request", async (params, { signal }) => {
    onAsked("question-asked", params.message);
    return answerElicitation(params, asking(params.threadId, signal));
  });
}

/** An agent's question belongs to the thread that its tree began with: that is the one that somebody looks at. */
function askedIn({
  threadId,
  agent,
}: {
  threadId: string;
  agent?: { sessionId: string } | undefined;
}): string {
  return agent?.sessionId ?? threadId;
}

/** No choice at all is a refusal that lets the agent go on. */
async function decided(
  choice: ApprovalChoice | null,
  ask: Ask,
  command: string,
): Promise<ServerResult<"item/commandExecution/requestApproval">> {
  if (choice === null) return { decision: "decline" };
  if (choice === "explain") {
    const message = await ask(readTextDialog({ title: "What should the agent do instead?" }));
    return message ? { decision: "decline", message } : { decision: "decline" };
  }
  if (choice !== "edit") return { decision: choice };
  const about = [
    lineOf("The agent is told to run this instead; it is judged, and asked about, like any other command.", {
      ink: "muted",
    }),
  ];
  const edited = await ask(readTextDialog({ title: "Which command instead?", about, text: command }));
  const isAnother = edited !== null && edited.trim() !== "" && edited !== command;
  return isAnother
    ? { decision: "decline", message: `Do not run that. Run this command instead:\n${edited}` }
    : { decision: "decline" };
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
