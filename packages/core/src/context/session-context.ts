import type { ApprovalPolicy, MessageItem, ResponseItem, SandboxMode } from "@quire/protocol";
import { messageText, textMessage } from "@quire/protocol";
import { GOAL_TAG, GOAL_TURN_TAG } from "../goals/goal-text.ts";
import { MODE_TAG, PLAN_MODE_OVER } from "../plan-mode/plan-mode-text.ts";
import { SKILL_TAG } from "../skills/mentioned-skills.ts";
import { SKILLS_TAG } from "../skills/skill-list.ts";

/** What the model is told of its surroundings. Each piece is a message of its own and is sent again only if it changed. */
export interface SessionSurroundings {
  cwd: string;
  workspaceRoots: readonly string[];
  shell: string;
  /** YYYY-MM-DD in the user's time zone; no clock time, which would change every request. */
  date: string;
  timezone: string;
  sandboxMode: SandboxMode;
  approvalPolicy: ApprovalPolicy;
  network: "off" | "on" | NetworkFacts;
  /** The AGENTS.md text, already framed, or null when there is none. */
  projectDocs: string | null;
  developerInstructions: string | null;
  /** The list of skills, already framed; absent or null without any. */
  skills?: string | null;
  /** What plan mode asks of the model, already framed; absent or null in the default mode. */
  planMode?: string | null;
  /** What the thread works towards, already framed; absent or null without a goal. */
  goal?: string | null;
  /** What is remembered of earlier threads, already framed; absent or null without any. */
  memories?: string | null;
}

/** A network by rules, as the model is told of it. */
export interface NetworkFacts {
  /** Patterns of hosts that are allowed. */
  hosts: readonly string[];
  /** Hosts for which the proxy adds a credential. */
  withCredential: readonly string[];
  /** Whether a person is asked about other hosts. */
  othersAreAsked: boolean;
}

const PERMISSIONS_TAG = "<permissions>";
const ENVIRONMENT_TAG = "<environment_context>";
const DOCS_TAG = "# AGENTS.md instructions";
const DEVELOPER_TAG = "<developer_instructions>";
export const MEMORIES_TAG = "<memories>";

/** The context messages that `history` does not hold in their present form, in the order they are to be appended. */
export function missingContext(history: readonly ResponseItem[], now: SessionSurroundings): MessageItem[] {
  const wanted: [tag: string, message: MessageItem | null][] = [
    [PERMISSIONS_TAG, textMessage("developer", permissionsText(now))],
    [
      DEVELOPER_TAG,
      now.developerInstructions === null
        ? null
        : textMessage(
            "developer",
            `${DEVELOPER_TAG}\n${now.developerInstructions}\n</developer_instructions>`,
          ),
    ],
    [MODE_TAG, now.planMode == null ? null : textMessage("developer", now.planMode)],
    [DOCS_TAG, now.projectDocs === null ? null : textMessage("user", now.projectDocs)],
    [SKILLS_TAG, now.skills == null ? null : textMessage("developer", now.skills)],
    [MEMORIES_TAG, now.memories == null ? null : textMessage("developer", now.memories)],
    [GOAL_TAG, now.goal == null ? null : textMessage("developer", now.goal)],
    [ENVIRONMENT_TAG, textMessage("user", environmentText(now))],
  ];
  const messages: MessageItem[] = [];
  for (const [tag, message] of wanted) {
    const last = lastMessageStartingWith(history, tag);
    const due = message ?? (last === null ? null : withdrawn(tag));
    if (due && last !== messageText(due)) messages.push(due);
  }
  return messages;
}

/** Rules that were given and are gone must be taken back: a model cannot see that a file is not there any more. */
function withdrawn(tag: string): MessageItem {
  if (tag === MODE_TAG) return textMessage("developer", PLAN_MODE_OVER);
  return tag === DOCS_TAG
    ? textMessage(
        "user",
        `${DOCS_TAG}: none\n\nThe files that were given before are gone; their rules no longer hold.`,
      )
    : textMessage(
        "developer",
        `${tag}\nThere are none any more; earlier ones no longer hold.\n</${tag.slice(1)}`,
      );
}

function lastMessageStartingWith(history: readonly ResponseItem[], tag: string): string | null {
  for (let index = history.length - 1; index >= 0; index--) {
    const item = history[index];
    if (item?.type !== "message" || item.role === "assistant") continue;
    const text = messageText(item);
    if (text.startsWith(tag)) return text;
  }
  return null;
}

const KINDS = [
  ["permissions", PERMISSIONS_TAG],
  ["developer", DEVELOPER_TAG],
  ["mode", MODE_TAG],
  ["docs", DOCS_TAG],
  ["skills", SKILLS_TAG],
  ["skill", SKILL_TAG],
  ["memories", MEMORIES_TAG],
  ["goal", GOAL_TAG],
  ["goalTurn", GOAL_TURN_TAG],
  ["environment", ENVIRONMENT_TAG],
] as const;

/** Which of the surroundings a message tells; null when a person or the model wrote it. */
export function contextKindOf(item: ResponseItem): (typeof KINDS)[number][0] | null {
  if (item.type !== "message" || item.role === "assistant") return null;
  const text = messageText(item);
  return KINDS.find(([, tag]) => text.startsWith(tag))?.[0] ?? null;
}

/** Whether a user message was put there by the harness and not typed by a person. */
export function isContextMessage(item: ResponseItem): boolean {
  return contextKindOf(item) !== null;
}

function permissionsText(now: SessionSurroundings): string {
  const lines = [PERMISSIONS_TAG, `Sandbox mode: ${now.sandboxMode}. ${SANDBOX_MEANING[now.sandboxMode]}`];
  if (now.sandboxMode === "workspace-write") {
    lines.push(
      `Writable: ${now.workspaceRoots.join(", ")} and temporary folders. Metadata such as .git is read-only.`,
    );
  }
  lines.push(...networkLines(now.network));
  lines.push(approvalText(now.approvalPolicy), "</permissions>");
  return lines.join("\n");
}

const MOST_HOSTS = 40;

function networkLines(network: SessionSurroundings["network"]): string[] {
  if (network === "on") return ["Network: on."];
  if (network === "off") {
    return ["Network: off for commands, except your own servers on 127.0.0.1 within one command."];
  }
  const { hosts, withCredential, othersAreAsked } = network;
  const shown = hosts.slice(0, MOST_HOSTS).join(", ");
  const more = hosts.length > MOST_HOSTS ? ` and ${hosts.length - MOST_HOSTS} more` : "";
  const others = othersAreAsked ? "the user is asked about other hosts" : "other hosts are refused";
  return [
    `Network: only through the proxy that HTTP_PROXY and HTTPS_PROXY name. Allowed: ${shown || "nothing"}${more}; ${others}.`,
    ...(withCredential.length === 0
      ? []
      : [
          `The proxy signs in for you at ${withCredential.join(", ")}: write http:// there, it is sent on as https with the credential.`,
        ]),
  ];
}

const SANDBOX_MEANING: Readonly<Record<SandboxMode, string>> = {
  "read-only": "Commands can read files but write none; patches are refused.",
  "workspace-write": "Commands can read files and write inside the workspace.",
  "danger-full-access": "Commands are not confined. Be careful outside the workspace.",
  "external-sandbox": "A container around you is the boundary; commands are not confined further.",
};

function approvalText(policy: ApprovalPolicy): string {
  if (policy === "never") {
    return "Approvals: never. Nobody can be asked; a denied command stays denied, so find another way or say what is missing.";
  }
  return "Approvals: on request. Ask with sandbox_permissions and a justification when a needed command is denied.";
}

function environmentText(now: SessionSurroundings): string {
  return [
    ENVIRONMENT_TAG,
    `  <cwd>${now.cwd}</cwd>`,
    `  <shell>${now.shell}</shell>`,
    `  <current_date>${now.date}</current_date>`,
    `  <timezone>${now.timezone}</timezone>`,
    "</environment_context>",
  ].join("\n");
}
