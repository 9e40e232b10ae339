import { networkPlace } from "@quire/protocol";
import type { CommandApprovalDecision, ServerParams } from "@quire/protocol/app-server";
import type { BlockView } from "../blocks/block-view.ts";
import { shownPath } from "../blocks/block-view.ts";
import { safeLine, safeLines } from "../text/safe-text.ts";
import { BLANK, type StyledLine } from "../text/styled-line.ts";
import type { Dialog } from "./dialog.ts";
import { type Choice, pickDialog } from "./pick.ts";

/** What was chosen; `explain` asks for words to the model before it declines, `edit` for another command. */
export type ApprovalChoice = CommandApprovalDecision | "explain" | "edit";

type CommandQuestion = ServerParams<"item/commandExecution/requestApproval">;
type FileQuestion = ServerParams<"item/fileChange/requestApproval">;

/** The command as somebody would type it. */
export function commandText({ shellCommand, command }: CommandQuestion): string {
  return shellCommand ?? command ?? "";
}

/** May this command run? Shows what, where, why, which rule asks, and exactly what "always" would save. */
export function commandApproval(question: CommandQuestion, view: BlockView): Dialog<ApprovalChoice | null> {
  const about: StyledLine[] = [
    ...safeLines(commandText(question)).map(
      (line): StyledLine => ({
        spans: [{ text: "  " }, { text: line, ink: "code" }],
        hanging: [{ text: "  " }],
      }),
    ),
    ...fact(
      "in",
      question.cwd === null || question.cwd === undefined ? "" : shownPath(question.cwd, view.cwd) || ".",
    ),
    ...fact("why", question.reason ?? ""),
    ...fact("asked by", question.decidedBy ?? ""),
    ...fact("for", question.agent === undefined ? "" : `the agent ${question.agent.path}`),
    ...(question.hidesText
      ? [
          {
            spans: [
              {
                text: "  This holds characters that hide or reorder text; they are shown as <U+…>.",
                ink: "bad",
                bold: true,
              } as const,
            ],
          },
        ]
      : []),
    BLANK,
  ];
  return pickDialog({ title: titleOf(question), about, choices: commandChoices(question) });
}

function titleOf({ networkApprovalContext: network, confirmation }: CommandQuestion): string {
  if (network) return `May this command reach ${safeLine(placeOf(network))}?`;
  return confirmation === "second" ? "Run it, with what it hides?" : "May this command run?";
}

function placeOf({ host, port }: { host: string; port?: number | null | undefined }): string {
  return port == null ? host : networkPlace(host, port);
}

function commandChoices(question: CommandQuestion): Choice<ApprovalChoice>[] {
  const yes: Choice<ApprovalChoice> = { key: "y", label: "Yes, this once", hint: "", value: "accept" };
  // Of a text that hides something, only a plain yes counts the second time.
  const lasting = question.confirmation === "second" ? [] : lastingChoices(question);
  return [
    yes,
    ...lasting,
    { key: "e", label: "No, but this instead", hint: "write the command as it should be", value: "edit" },
    { key: "n", label: "No, and say why", hint: "the agent goes on with your words", value: "explain" },
    { key: "x", label: "No, and stop", hint: "the turn ends", value: "cancel" },
  ];
}

function lastingChoices(question: CommandQuestion): Choice<ApprovalChoice>[] {
  const amendment = question.proposedExecpolicyAmendment;
  const always: Choice<ApprovalChoice>[] =
    amendment && amendment.length > 0
      ? [
          {
            key: "a",
            label: "Yes, always in this folder",
            showsAll: true,
            hint: `saves: ${amendment.map((token) => safeLine(token)).join(" ")} …`,
            value: { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...amendment] } },
          },
        ]
      : [];
  const hosts = (question.proposedNetworkPolicyAmendments ?? []).map(
    (amendment): Choice<ApprovalChoice> => ({
      key: amendment.action === "allow" ? "a" : "d",
      label: amendment.action === "allow" ? "Yes, always in this folder" : "No, never in this folder",
      showsAll: true,
      hint: `saves: ${safeLine(amendment.host)} ${amendment.action}`,
      value: { applyNetworkPolicyAmendment: { network_policy_amendment: amendment } },
    }),
  );
  return [
    {
      key: "s",
      label: "Yes, for this session",
      hint: hosts.length > 0 ? "this host" : "this very command in this folder",
      value: "acceptForSession",
    },
    ...always,
    ...hosts,
  ];
}

/** May these files be changed? */
export function fileApproval(question: FileQuestion, view: BlockView): Dialog<ApprovalChoice | null> {
  const paths = question.paths ?? [];
  const about: StyledLine[] = [
    ...paths.slice(0, 20).map(
      (path): StyledLine => ({
        spans: [{ text: `  ${safeLine(shownPath(path, view.cwd))}`, ink: "accent" }],
      }),
    ),
    ...fact("", paths.length > 20 ? `… and ${paths.length - 20} more` : ""),
    ...fact("why", question.reason ?? ""),
    BLANK,
  ];
  return pickDialog<ApprovalChoice>({
    title: "May these files be changed?",
    about,
    choices: [
      { key: "y", label: "Yes, this once", hint: "", value: "accept" },
      { key: "s", label: "Yes, for this session", hint: "these files", value: "acceptForSession" },
      { key: "n", label: "No, and say why", hint: "the agent goes on with your words", value: "explain" },
      { key: "x", label: "No, and stop", hint: "the turn ends", value: "cancel" },
    ],
  });
}

function fact(name: string, value: string): StyledLine[] {
  if (value === "") return [];
  const label = name === "" ? "  " : `  ${name}: `;
  return [{ spans: [{ text: label, ink: "muted" }, { text: safeLine(value) }], hanging: [{ text: "    " }] }];
}
