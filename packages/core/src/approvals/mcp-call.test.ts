import { EMPTY_POLICY } from "@quire/execpolicy";
import type { ApprovalPolicy, SandboxMode } from "@quire/protocol";
import type { Effect } from "@quire/tools";
import { expect, test } from "vitest";
import { createApprovalMemory } from "./approval-memory.ts";
import { judge } from "./judge.ts";
import type { JudgeRules } from "./judge-rules.ts";
import { MCP_FOLDER, mcpSubject } from "./mcp-call.ts";

function rules(sandboxMode: SandboxMode, approvalPolicy: ApprovalPolicy): JudgeRules {
  return {
    sandboxMode,
    approvalPolicy,
    memory: createApprovalMemory({
      read: () => EMPTY_POLICY,
      saveAllow: () => undefined,
      saveHost: () => undefined,
    }),
    commands: { home: "/home/me", workspaceRoots: ["/home/me/project"], resolveProgram: (name) => name },
    realPath: (path) => path,
    exists: (path) => !path.includes("missing"),
  };
}

const POLICIES: readonly [mode: SandboxMode, policy: ApprovalPolicy][] = [
  ["workspace-write", "never"],
  ["workspace-write", "on-request"],
  ["danger-full-access", "on-request"],
  ["workspace-write", "untrusted"],
  ["danger-full-access", "untrusted"],
  ["workspace-write", { granular: { sandbox_approval: true, rules: false } }],
];

type McpEffect = Extract<Effect, { kind: "mcp" }>;
const call = (readOnly: boolean, approval: McpEffect["approval"]): McpEffect => ({
  kind: "mcp",
  server: "mock",
  tool: "send",
  readOnly,
  approval,
  input: "{}",
});

test.each([
  ["unmarked, auto", call(false, "auto"), ["allow", "ask", "allow", "ask", "ask", "refuse"]],
  ["read-only, auto", call(true, "auto"), ["allow", "allow", "allow", "allow", "allow", "allow"]],
  ["unmarked, approve", call(false, "approve"), ["allow", "allow", "allow", "allow", "allow", "allow"]],
  ["read-only, prompt", call(true, "prompt"), ["refuse", "ask", "ask", "ask", "ask", "refuse"]],
])("%s", async (_name, effect, expected) => {
  const verdicts = await Promise.all(
    POLICIES.map(async ([mode, policy]) => (await judge([effect], rules(mode, policy))).kind),
  );
  expect(verdicts).toEqual(expected);
});

test("an answer for the session holds for the tool, and for no other", async () => {
  const untrusted = rules("workspace-write", "untrusted");
  const effect = call(false, "auto");
  untrusted.memory.rememberForSession(mcpSubject(effect), MCP_FOLDER);
  expect((await judge([{ ...effect, input: '{"to":"all"}' }], untrusted)).kind).toBe("allow");
  expect((await judge([{ ...effect, tool: "delete" }], untrusted)).kind).toBe("ask");
});
