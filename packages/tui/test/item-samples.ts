import type { ErrorInfo } from "@quire/protocol";
import type { WireItem, WireTurn } from "@quire/protocol/app-server";

type Of<T extends WireItem["type"]> = Extract<WireItem, { type: T }>;

export const CWD = "/repo";
export const HARD_WORDS =
  "漢字とかな、and 한국어 mixed · 👍🏽 🎉 é̂ à · שלום עולם · مرحبا · a\tb · " +
  "an_identifier_that_is_much_longer_than_any_terminal_of_forty_columns_will_ever_be_wide";

export function failure(code: ErrorInfo["code"], message: string, nextStep?: string): ErrorInfo {
  return { code, message, retryable: false, ...(nextStep === undefined ? {} : { next_step: nextStep }) };
}

export function userMessage(text: string, more: Of<"userMessage">["content"] = []): Of<"userMessage"> {
  return { id: "u", type: "userMessage", clientId: null, content: [{ type: "text", text }, ...more] };
}

export function answer(text: string): Of<"agentMessage"> {
  return {
    id: "a",
    type: "agentMessage",
    moderation: null,
    text,
    phase: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}

export function command(more: Partial<Of<"commandExecution">> = {}): Of<"commandExecution"> {
  return {
    id: "c",
    type: "commandExecution",
    pluginId: null,
    scriptPath: null,
    command: "bash -c 'npm test'",
    shellCommand: "npm test",
    cwd: CWD,
    processId: null,
    source: "agent",
    status: "completed",
    commandActions: [],
    aggregatedOutput: "all 12 tests passed\n",
    exitCode: 0,
    durationMs: 1234,
    error: null,
    ...more,
  };
}

export function fileChange(more: Partial<Of<"fileChange">> = {}): Of<"fileChange"> {
  const diff =
    "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n const a = 1;\n-const b = 2;\n+const b = 3;\n export {};\n";
  return {
    id: "f",
    type: "fileChange",
    changes: [
      { path: "/repo/src/a.ts", kind: { type: "update", move_path: null }, diff, added: 1, removed: 1 },
    ],
    status: "completed",
    error: null,
    ...more,
  };
}

export function mcpCall(more: Partial<Of<"mcpToolCall">> = {}): Of<"mcpToolCall"> {
  return {
    id: "m",
    type: "mcpToolCall",
    server: "tracker",
    tool: "find_issue",
    arguments: { number: 12 },
    status: "completed",
    result: { content: [{ type: "text", text: "Issue 12: it is slow" }], structuredContent: null },
    error: null,
    durationMs: 480,
    ...more,
  };
}

export function toolCall(more: Partial<Of<"dynamicToolCall">> = {}): Of<"dynamicToolCall"> {
  return {
    id: "d",
    type: "dynamicToolCall",
    namespace: null,
    tool: "read_page",
    arguments: { url: "https://example.com" },
    status: "completed",
    contentItems: [
      { type: "inputText", text: "first\nsecond" },
      { type: "inputImage", imageUrl: "data:" },
    ],
    success: true,
    durationMs: 12,
    error: null,
    ...more,
  };
}

export function approval(decision: Of<"approval">["decision"], subject: string): Of<"approval"> {
  return {
    id: "p",
    type: "approval",
    itemId: "c",
    subject,
    reason: "it writes outside of the workspace",
    decidedBy: "the policy on-request",
    decision,
    savedPrefix: decision === "acceptAndRemember" ? ["npm", "install"] : null,
  };
}

export function proposal(text: string): Of<"plan"> {
  return { id: "l", type: "plan", text };
}

export function turnOf(more: Partial<WireTurn> = {}): WireTurn {
  return {
    id: "t",
    rootTurnId: null,
    items: [],
    itemsView: "full",
    status: "completed",
    error: null,
    startedAt: 1000,
    completedAt: 1012,
    durationMs: 12_400,
    ...more,
  };
}

const MARKDOWN = `# What I found

The **reader** opens \`src/reader.ts\` once for each line; see [the manual](https://example.com/manual).

1. first
2. second, which is a longer point that has to go over more than one row of a narrow terminal
   - inside it

- [x] done
- [ ] not done

| file | before | after |
|---|---:|---:|
| reader.ts | 120 ms | 14 ms |

> quoted

\`\`\`ts
export const answer = (await read("a.txt")).split("\\n").filter((line) => line !== "").length;
\`\`\`
`;

const PROPOSED = `# A faster reader

1. Open \`src/reader.ts\` **once** and keep it open, which is the part that takes nearly all of the time now.
2. Run \`npm test\`.

| file | change |
|---|---|
| src/reader.ts | one handle |
`;

/** By file of the golden frames, by the name of what is shown: items that have ended. */
const AGENTS = {
  t2: {
    status: "completed",
    message: "The tests are in test/ and run with npm test.",
    path: "/root/map_the_tests",
    role: "explorer",
    usage: {
      input_tokens: 11_000,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 900,
      reasoning_output_tokens: 0,
    },
    cost: { kind: "known", usd: 0.0123, priced_as_of: "2026-01-01" },
  },
  t3: { status: "running", message: null, path: "/root/map_the_tests/read_the_config", role: "default" },
  t4: {
    status: "errored",
    message: "It ran out of money.",
    path: "/root/review",
    role: "reviewer",
    cost: null,
  },
} as const satisfies Of<"collabAgentToolCall">["agentsStates"];

function agentCall(more: Partial<Of<"collabAgentToolCall">> = {}): Of<"collabAgentToolCall"> {
  return {
    id: "g",
    type: "collabAgentToolCall",
    tool: "spawnAgent",
    status: "completed",
    senderThreadId: "t",
    receiverThreadIds: ["t2"],
    prompt: "Find out where the tests are and how they are run.",
    model: null,
    reasoningEffort: null,
    agentsStates: { t2: { ...AGENTS.t2, status: "running", usage: undefined, cost: null } },
    error: null,
    ...more,
  };
}

function agentActivity(more: Partial<Of<"subAgentActivity">> = {}): Of<"subAgentActivity"> {
  return {
    id: "h",
    type: "subAgentActivity",
    kind: "completed",
    agentThreadId: "t2",
    agentPath: "/root/map_the_tests",
    model: null,
    reasoningEffort: null,
    state: AGENTS.t2,
    ...more,
  };
}

export const ENDED: Readonly<Record<string, Readonly<Record<string, WireItem>>>> = {
  messages: {
    "a message": userMessage("Make the reader faster.\nIt is slow with long files."),
    "a message with pictures": userMessage("Like this:", [
      { type: "localImage", path: "/repo/a.png" },
      { type: "image", url: "data:image/png;base64,AAAA" },
    ]),
    "an empty message": userMessage(""),
    "a message in hard words": userMessage(HARD_WORDS),
    "an answer": answer(MARKDOWN),
    "an answer in hard words": answer(`${HARD_WORDS}\n\n- ${HARD_WORDS}\n\n\`\`\`\n${HARD_WORDS}\n\`\`\``),
    "an empty answer": answer(""),
    reasoning: { id: "r", type: "reasoning", summary: ["**Reading the code** and more"], content: [] },
    "reasoning without a title": { id: "r", type: "reasoning", summary: [HARD_WORDS], content: [] },
  },
  commands: {
    "one that passed": command(),
    "one that printed nothing": command({ aggregatedOutput: "", shellCommand: "true", durationMs: 3 }),
    "one without output yet known": command({ aggregatedOutput: null, exitCode: null, durationMs: null }),
    "one that failed": command({
      status: "failed",
      exitCode: 1,
      aggregatedOutput: "FAIL a.test.ts\n  expected 1, got 2\n",
      error: failure("tool_failed", "The command ended with code 1."),
    }),
    "one that was declined": command({
      status: "declined",
      aggregatedOutput: null,
      exitCode: null,
      durationMs: null,
      error: failure("command_declined", "You declined it.", "Say what to do instead."),
    }),
    "one of unknown outcome": command({
      status: "failed",
      aggregatedOutput: null,
      exitCode: null,
      durationMs: null,
      error: failure("outcome_unknown", "A crash hides how it ended."),
    }),
    "the user's own, elsewhere": command({ source: "userShell", cwd: "/repo/packages/a" }),
    "one of many lines": command({ shellCommand: "cat <<'END' > a\none\ntwo\nthree\nfour\nEND" }),
    "a hundred thousand lines": command({
      aggregatedOutput: Array.from({ length: 100_000 }, (_, at) => `line ${at + 1}\n`).join(""),
    }),
    "a progress bar": command({ aggregatedOutput: "10%\r50%\r100%\r\ndone\r\n" }),
    "hard words": command({ shellCommand: `echo ${HARD_WORDS}`, aggregatedOutput: HARD_WORDS }),
  },
  "file-changes": {
    edited: fileChange(),
    "added and moved and deleted": fileChange({
      changes: [
        {
          path: "/repo/new.py",
          kind: { type: "add" },
          diff: "@@ -0,0 +1,2 @@\n+def one():\n+\treturn 1\n",
          added: 2,
          removed: 0,
        },
        {
          path: "/repo/a.md",
          kind: { type: "update", move_path: "/repo/docs/a.md" },
          diff: "",
          added: 0,
          removed: 0,
        },
        {
          path: "/elsewhere/old.txt",
          kind: { type: "delete" },
          diff: "@@ -1,1 +0,0 @@\n-gone\n",
          added: 0,
          removed: 1,
        },
      ],
    }),
    "hard words in it and in its name": fileChange({
      changes: [
        {
          path: `/repo/${HARD_WORDS}.ts`,
          kind: { type: "add" },
          diff: `@@ -0,0 +1,1 @@\n+${HARD_WORDS}\n`,
          added: 1,
          removed: 0,
        },
      ],
    }),
    declined: fileChange({ status: "declined", error: failure("command_declined", "You declined it.") }),
    failed: fileChange({
      status: "failed",
      error: failure("patch_does_not_apply", "The lines to change are not in the file.", "Read it again."),
    }),
    "of nothing": fileChange({ changes: [] }),
  },
  agents: {
    "one was started": agentCall(),
    "one could not be started": agentCall({
      status: "failed",
      agentsStates: {},
      error: failure("agent_limit", "64 agents are the most.", "Wait for one."),
    }),
    "all were waited for": agentCall({
      tool: "wait",
      prompt: null,
      receiverThreadIds: ["t2", "t3", "t4"],
      agentsStates: AGENTS,
    }),
    "one began": agentActivity({ kind: "started" }),
    "one is done": agentActivity(),
    "one failed, in hard words": agentActivity({
      agentThreadId: "t4",
      agentPath: "/root/review",
      state: { ...AGENTS.t4, message: HARD_WORDS, error: failure("budget_exceeded", "It used $0.50.") },
    }),
    "one of an older server": agentActivity({ kind: "interrupted", state: undefined }),
    "one told another": agentActivity({
      kind: "interacted",
      told: { to: "/root/write_them", message: `The port is 8080.\n${HARD_WORDS}` },
    }),
  },
  tools: {
    "of a server": mcpCall(),
    "of a server, failed": mcpCall({
      status: "failed",
      result: null,
      error: failure("mcp_server_failed", HARD_WORDS),
    }),
    "of a server, with a long answer": mcpCall({
      arguments: { query: HARD_WORDS },
      result: {
        content: [
          { type: "text", text: Array.from({ length: 60 }, (_, at) => `row ${at}`).join("\n") },
          { type: "audio" },
        ],
        structuredContent: null,
      },
    }),
    "of a server, empty": mcpCall({ arguments: {}, result: { content: [], structuredContent: null } }),
    "of a client": toolCall(),
    "of a client, declined": toolCall({ status: "declined", contentItems: null, success: false }),
    "a search": { id: "w", type: "webSearch", query: HARD_WORDS, action: null, results: null },
    "a picture": { id: "i", type: "imageView", path: "/repo/a.png" },
    "a picture that is not there": {
      id: "i",
      type: "imageView",
      path: "/repo/b.png",
      status: "failed",
      error: failure("image_invalid", "There is no such file."),
    },
  },
  others: {
    plan: {
      id: "l",
      type: "plan",
      text: "",
      explanation: "Smaller steps now.",
      steps: [
        { step: "Read the reader", status: "completed" },
        { step: HARD_WORDS, status: "inProgress" },
        { step: "Run the tests", status: "pending" },
      ],
    },
    "an empty plan": { id: "l", type: "plan", text: "", steps: [] },
    "a proposed plan": proposal(PROPOSED),
    "a proposed plan in hard words": proposal(HARD_WORDS),
    "a proposed plan without words": proposal(""),
    "allowed once": approval("accept", "npm install left-pad"),
    "always allowed": approval("acceptAndRemember", "npm install left-pad"),
    declined: approval("decline", HARD_WORDS),
    "a host that was reached": {
      id: "n",
      type: "networkAccess",
      itemId: "c",
      host: "registry.example",
      ports: [443],
      verdict: "allow",
      rule: "the rule registry.example",
      count: 3,
    },
    "a host that was not": {
      id: "n",
      type: "networkAccess",
      itemId: null,
      host: HARD_WORDS,
      ports: [],
      verdict: "deny",
      rule: "no rule names it",
      count: 1,
    },
    "a review begins": { id: "v", type: "enteredReviewMode", review: "current changes" },
    "a review is over": {
      id: "v",
      type: "exitedReviewMode",
      review: "Two things:\n\n- **one**\n- two",
      result: null,
    },
    compaction: {
      id: "k",
      type: "contextCompaction",
      trigger: "auto",
      compactor: "model",
      tokensBefore: 180_000,
      tokensAfter: 21_000,
      summary: "…",
      leftOut: [],
      error: null,
    },
    "compaction that did nothing": {
      id: "k",
      type: "contextCompaction",
      trigger: "manual",
      compactor: "model",
      tokensBefore: 900,
      tokensAfter: null,
      summary: null,
      leftOut: [],
      error: failure("context_too_small", "There is nothing to sum up."),
    },
    warning: { id: "x", type: "warning", code: "agents_md_cut", message: `AGENTS.md was cut: ${HARD_WORDS}` },
  },
};

/** Items while they run, with what was streamed of them. */
export const RUNNING: readonly { name: string; item: WireItem; streamed: string }[] = [
  { name: "an answer", item: answer(""), streamed: "The **first** half of a\n\n- list of\n- poi" },
  { name: "an answer in hard words", item: answer(""), streamed: HARD_WORDS },
  { name: "an answer without words", item: answer(""), streamed: "" },
  { name: "a plan", item: proposal(""), streamed: "# A faster reader\n\n1. Open it **once**\n2. Ru" },
  { name: "a plan without words", item: proposal(""), streamed: "" },
  {
    name: "reasoning",
    item: { id: "r", type: "reasoning", summary: [], content: [] },
    streamed: "**Looking at the tests**\n\nThey",
  },
  {
    name: "a command",
    item: command({ status: "inProgress", exitCode: null, durationMs: null }),
    streamed: "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight",
  },
  {
    name: "a command in the background",
    item: command({ status: "inProgress", processId: "7", exitCode: null, durationMs: null }),
    streamed: HARD_WORDS,
  },
  { name: "a patch", item: fileChange({ status: "inProgress" }), streamed: "" },
  {
    name: "a call of a server's tool",
    item: mcpCall({ status: "inProgress", result: null, durationMs: null }),
    streamed: "",
  },
  {
    name: "a call of a client's tool",
    item: toolCall({ status: "inProgress", contentItems: null, durationMs: null }),
    streamed: "",
  },
  {
    name: "a search",
    item: { id: "w", type: "webSearch", query: "node streams", action: null, results: null },
    streamed: "",
  },
];
