import { EMPTY_POLICY, parseRules } from "@quire/execpolicy";
import type { ApprovalPolicy, SandboxMode } from "@quire/protocol";
import type { Effect } from "@quire/tools";
import { expect, test } from "vitest";
import { createApprovalMemory } from "./approval-memory.ts";
import { judge, type Verdict } from "./judge.ts";
import type { JudgeRules } from "./judge-rules.ts";

const ROOT = "/home/me/project";

function rules(sandboxMode: SandboxMode, approvalPolicy: ApprovalPolicy, saved = ""): JudgeRules {
  return {
    sandboxMode,
    approvalPolicy,
    memory: createApprovalMemory({
      read: () => (saved === "" ? EMPTY_POLICY : parseRules(saved, "test.rules")),
      saveAllow: () => undefined,
      saveHost: () => undefined,
    }),
    commands: { home: "/home/me", workspaceRoots: [ROOT], resolveProgram: (name) => `/usr/bin/${name}` },
    realPath: (path) => path,
    exists: (path) => !path.includes("missing"),
  };
}

function run(command: string, escalate = false): Effect {
  return {
    kind: "command",
    command,
    argv: ["/bin/bash", "-c", command],
    cwd: ROOT,
    ...(escalate ? { escalation: { justification: "May I?", prefixRule: null } } : {}),
  };
}

/** What happens, in one word, and where the command would run. */
function short(verdict: Verdict): string {
  if (verdict.kind === "refuse") return "refuse";
  const { permit } = verdict.kind === "ask" ? verdict.question : verdict;
  return `${verdict.kind} ${permit.sandbox}`;
}

const PRESETS: readonly [name: string, mode: SandboxMode, policy: ApprovalPolicy][] = [
  ["read-only", "read-only", "on-request"],
  ["auto", "workspace-write", "on-request"],
  ["full-access", "danger-full-access", "on-request"],
  ["exec", "workspace-write", "never"],
  ["exec full", "danger-full-access", "never"],
  ["untrusted", "workspace-write", "untrusted"],
];

test.each([
  // command, escalated?, then one verdict for each preset above
  [
    "ls -la",
    false,
    ["allow session", "allow session", "allow session", "allow session", "allow session", "allow session"],
  ],
  [
    "npm test",
    false,
    ["allow session", "allow session", "allow session", "allow session", "allow session", "ask session"],
  ],
  [
    "npm install",
    true,
    ["ask unconfined", "ask unconfined", "allow session", "refuse", "allow session", "ask unconfined"],
  ],
  [
    "rm -rf build",
    false,
    ["allow session", "allow session", "allow session", "allow session", "allow session", "ask session"],
  ],
  ["rm -rf /", false, ["ask session", "ask session", "ask session", "refuse", "refuse", "ask session"]],
  [
    "rm -rf ../other",
    false,
    ["ask session", "ask session", "ask session", "refuse", "refuse", "ask session"],
  ],
  [
    "rm -rf $WHERE",
    false,
    ["allow session", "allow session", "ask session", "allow session", "refuse", "ask session"],
  ],
  [
    "rm -rf ./*",
    false,
    ["allow session", "allow session", "allow session", "allow session", "allow session", "ask session"],
  ],
  [
    "mv a.txt /srv/b.txt",
    false,
    ["ask session", "ask session", "ask session", "refuse", "refuse", "ask session"],
  ],
  [
    "echo x > /srv/there",
    false,
    ["ask session", "ask session", "ask session", "refuse", "refuse", "ask session"],
  ],
  [
    "echo x > /srv/missing",
    false,
    ["allow session", "allow session", "allow session", "allow session", "allow session", "ask session"],
  ],
  [
    "cat list | xargs rm -rf build/*",
    false,
    ["allow session", "allow session", "ask session", "allow session", "refuse", "ask session"],
  ],
])("%s (escalated: %s)", async (command, escalate, expected) => {
  const verdicts: string[] = [];
  for (const [, mode, policy] of PRESETS)
    verdicts.push(short(await judge([run(command, escalate)], rules(mode, policy))));
  expect(verdicts).toEqual(expected);
});

test("a patch in read-only mode is refused and says what to do", async () => {
  const verdict = await judge([{ kind: "write", paths: ["/x"] }], rules("read-only", "never"));
  expect(verdict).toMatchObject({
    kind: "refuse",
    code: "command_denied",
    message: expect.stringContaining("--sandbox workspace-write"),
  });
});

test.each([
  // policy, then what happens to a patch inside, one outside and one where everything is read-only
  ["on-request", ["allow session", "ask unconfined", "ask unconfined"]],
  ["untrusted", ["ask session", "ask unconfined", "ask unconfined"]],
  ["never", ["allow session", "allow session", "refuse"]],
  [
    { granular: { sandbox_approval: true, rules: false } },
    ["allow session", "ask unconfined", "ask unconfined"],
  ],
  [{ granular: { sandbox_approval: false, rules: true } }, ["allow session", "allow session", "refuse"]],
] as const)("a patch under the approval policy %j: %j", async (policy, expected) => {
  const inside: Effect = { kind: "write", paths: [`${ROOT}/a`] };
  const outside: Effect = { kind: "write", paths: [`${ROOT}/a`, "/x"], outside: ["/x"] };
  const verdicts = [
    await judge([inside], rules("workspace-write", policy)),
    await judge([outside], rules("workspace-write", policy)),
    await judge([inside], rules("read-only", policy)),
  ];
  expect(verdicts.map(short)).toEqual(expected);
});

test("a patch beyond the sandbox is not asked about where nobody could answer, nor twice in a session", async () => {
  const outside: Effect = { kind: "write", paths: ["/x"], outside: ["/x"] };
  const policy = rules("workspace-write", "on-request");
  expect(short(await judge([outside], { ...policy, attended: false }))).toBe("allow session");
  policy.memory.rememberForSession("change of /x", "");
  expect(short(await judge([outside], policy))).toBe("allow unconfined");
});

test("the user's rules: allow leaves the sandbox unasked, prompt asks, forbidden refuses with its reason", async () => {
  const saved = `
prefix_rule(pattern=["npm", "install"], decision="allow")
prefix_rule(pattern=["git", "push"], decision="prompt", justification="the world sees it")
prefix_rule(pattern=["terraform"], decision="forbidden", justification="use the pipeline")
`;
  const auto = rules("workspace-write", "on-request", saved);
  expect(await judge([run("npm install left-pad", true)], auto)).toMatchObject({
    kind: "allow",
    permit: { sandbox: "unconfined" },
  });
  expect(await judge([run("npm install x && curl y", true)], auto)).toMatchObject({ kind: "ask" });
  expect(await judge([run("git push origin main")], auto)).toMatchObject({
    kind: "ask",
    question: { reason: expect.stringContaining("the world sees it") },
  });
  expect(await judge([run("sudo terraform apply")], auto)).toMatchObject({
    kind: "refuse",
    message: expect.stringContaining("use the pipeline"),
  });
  const never = rules("workspace-write", "never", saved);
  expect(await judge([run("git push origin main")], never)).toMatchObject({ kind: "refuse" });
});

test("granular policies let only their kind of question through", async () => {
  const granular = (sandbox_approval: boolean, rulesAllowed: boolean) =>
    rules("workspace-write", { granular: { sandbox_approval, rules: rulesAllowed } });
  expect(short(await judge([run("make", true)], granular(true, false)))).toBe("ask unconfined");
  expect(short(await judge([run("make", true)], granular(false, true)))).toBe("refuse");
  expect(short(await judge([run("rm -rf /")], granular(true, false)))).toBe("refuse");
  expect(short(await judge([run("rm -rf /")], granular(false, true)))).toBe("ask session");
});

test("what is allowed for the session is this text in this folder and nothing else", async () => {
  const auto = rules("workspace-write", "on-request");
  auto.memory.rememberForSession("make deploy", ROOT);
  expect(short(await judge([run("make deploy", true)], auto))).toBe("allow unconfined");
  expect(short(await judge([run("make deploy ", true)], auto))).toBe("ask unconfined");
  expect(short(await judge([{ ...run("make deploy", true), cwd: "/elsewhere" } as Effect], auto))).toBe(
    "ask unconfined",
  );
});

test("'always' offers the exact prefix it would save, and none for what could run anything", async () => {
  const auto = rules("workspace-write", "on-request");
  const offered = async (command: string) => {
    const verdict = await judge([run(command, true)], auto);
    return verdict.kind === "ask" ? verdict.question.amendment : "not asked";
  };
  expect(await offered("npm test -- --watch")).toEqual(["npm", "test"]);
  expect(await offered("python3 -c 'print(1)'")).toBeNull();
  expect(await offered("npm test | tee log")).toBeNull();
});

test("a command with hidden characters says so in its question", async () => {
  const verdict = await judge([run("echo safe \u202e", true)], rules("workspace-write", "on-request"));
  expect(verdict).toMatchObject({ kind: "ask", question: { hidesText: true, amendment: null } });
});

test("in plan mode nothing that could change something is allowed or asked about, whatever was allowed before", async () => {
  const planning = {
    ...rules("read-only", "on-request", 'prefix_rule(pattern=["npm"], decision="allow")'),
    planning: true,
  };
  planning.memory.rememberForSession("npm install", ROOT);
  const mcp = { kind: "mcp", server: "s", tool: "t", approval: "approve", input: "{}" } as const;
  const cases: [Effect, string][] = [
    [run("npm install", true), "refuse"],
    [run("npm test"), "allow session"],
    [{ kind: "write", paths: [`${ROOT}/a`] }, "refuse"],
    [{ ...mcp, readOnly: false }, "refuse"],
    [{ ...mcp, readOnly: true }, "allow session"],
    [{ kind: "input", processId: "1", text: "rm a\n" }, "refuse"],
    [{ kind: "input", processId: "1", text: "" }, "allow session"],
    [{ kind: "read", paths: [`${ROOT}/a`] }, "allow session"],
  ];
  const verdicts = await Promise.all(cases.map(async ([effect]) => short(await judge([effect], planning))));
  expect(verdicts).toEqual(cases.map(([, expected]) => expected));
});
