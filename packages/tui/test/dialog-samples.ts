import type { ServerParams } from "@quire/protocol/app-server";
import type { BlockView } from "../src/blocks/block-view.ts";
import { commandApproval, fileApproval } from "../src/dialogs/approval.ts";
import type { Dialog } from "../src/dialogs/dialog.ts";
import { pickDialog } from "../src/dialogs/pick.ts";
import { planApproval } from "../src/dialogs/plan-approval.ts";
import { readTextDialog } from "../src/dialogs/read-text.ts";
import { lineOf } from "../src/text/styled-line.ts";
import { HARD_WORDS } from "./item-samples.ts";

type CommandQuestion = ServerParams<"item/commandExecution/requestApproval">;

export function commandQuestion(more: Partial<CommandQuestion> = {}): CommandQuestion {
  return {
    threadId: "t",
    turnId: "1",
    itemId: "c",
    kind: "command",
    startedAtMs: 0,
    environmentId: null,
    command: "/bin/bash -c 'npm install left-pad'",
    shellCommand: "npm install left-pad",
    cwd: "/repo/packages/a",
    reason: "the sandbox has no network",
    decidedBy: "the policy on-request",
    proposedExecpolicyAmendment: ["npm", "install"],
    ...more,
  };
}

const CHOICES = Array.from({ length: 30 }, (_, at) => ({
  label: `Thread ${at + 1}`,
  hint: at === 2 ? HARD_WORDS : "yesterday",
  value: at,
}));

/** Every dialog, by what it is about. */
export const DIALOGS: Readonly<Record<string, (view: BlockView) => Dialog<unknown>>> = {
  "may a command run": (view) => commandApproval(commandQuestion(), view),
  "may a command in hard words run": (view) =>
    commandApproval(
      commandQuestion({
        shellCommand: `echo ${HARD_WORDS}\nrm -rf build`,
        reason: HARD_WORDS,
        proposedExecpolicyAmendment: ["echo", HARD_WORDS],
      }),
      view,
    ),
  "may a command that hides text run": (view) =>
    commandApproval(commandQuestion({ shellCommand: "echo \u202eevil", hidesText: true }), view),
  "the second question": (view) =>
    commandApproval(
      commandQuestion({ shellCommand: "echo \u202eevil", hidesText: true, confirmation: "second" }),
      view,
    ),
  "may a host be reached": (view) =>
    commandApproval(
      commandQuestion({
        networkApprovalContext: { host: "registry.example", protocol: "https", port: 443 },
        proposedExecpolicyAmendment: null,
        proposedNetworkPolicyAmendments: [
          { host: "registry.example", action: "allow" },
          { host: "registry.example", action: "deny" },
        ],
      }),
      view,
    ),
  "may files be changed": (view) =>
    fileApproval(
      {
        threadId: "t",
        turnId: "1",
        itemId: "f",
        startedAtMs: 0,
        reason: "outside of the workspace",
        paths: ["/repo/a.ts", `/etc/${HARD_WORDS}`],
      },
      view,
    ),
  "is a plan to be built": () => planApproval(),
  "a long list": () => pickDialog({ title: "Go on with which thread?", choices: CHOICES, chosen: 12 }),
  "a list to search": () => pickDialog({ title: "Earlier inputs", choices: CHOICES, isSearchable: true }),
  "a text to write": () =>
    readTextDialog({ title: "What instead?", about: [lineOf("The agent asks.")], text: HARD_WORDS }),
  "a secret to write": () => readTextDialog({ title: "Token", text: "abc", isSecret: true }),
};
