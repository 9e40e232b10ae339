import fc from "fast-check";
import { expect, test } from "vitest";
import { type HookOrigin, parseHooks } from "./hook-config.ts";
import { joinVerdicts, NO_VERDICT, readHookRun } from "./hook-output.ts";

const origin = (kind: HookOrigin["kind"] = "user"): HookOrigin => ({
  kind,
  file: "/home/hooks.json",
  pluginId: null,
  pluginRoot: null,
});

const command = (words: Record<string, unknown> = {}) => ({ type: "command", command: "true", ...words });

test("hooks are read by event, with their limits; what is wrong is named", () => {
  const { hooks, problems } = parseHooks(
    {
      PreToolUse: [{ matcher: "Edit|Bash", hooks: [command({ timeout: 5 }), { type: "prompt" }] }],
      SessionEnd: [{ hooks: [command({ timeout: 50 })] }],
      Stop: [{ matcher: "(", hooks: [command()] }],
      Nothing: [],
      PostToolUse: "x",
    },
    origin(),
  );
  expect(hooks.map(({ event, timeoutMs }) => [event, timeoutMs])).toEqual([
    ["PreToolUse", 5000],
    ["SessionEnd", 3000],
  ]);
  const [first] = hooks;
  expect(["Bash", "apply_patch", "Bash2", "view_image"].map((name) => first?.matches(name))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(problems).toHaveLength(4);
});

function hook(kind: HookOrigin["kind"] = "user") {
  const [only] = parseHooks({ PreToolUse: [{ hooks: [command()] }] }, origin(kind)).hooks;
  if (only === undefined) throw new Error("no hook");
  return only;
}

const ran = (stdout: string, exitCode = 0, stderr = "") => ({ exitCode, stdout, stderr, failure: null });

test("whatever a hook prints is read without an error, and only exit code 2 or JSON can block", () => {
  const outputs = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(outputs, fc.integer({ min: 0, max: 255 }), fc.string(), (stdout, exitCode, stderr) => {
      const verdict = readHookRun(hook(), ran(stdout, exitCode, stderr));
      if (exitCode === 2) expect(verdict.block).not.toBeNull();
      else if (exitCode !== 0) expect(verdict).toMatchObject({ block: null, stop: null, permission: null });
      else if (!stdout.trim().startsWith("{")) expect(verdict.block).toBeNull();
    }),
  );
});

test("a project's hook may deny and ask, but not allow", () => {
  const says = (word: string) => JSON.stringify({ hookSpecificOutput: { permissionDecision: word } });
  const words = ["allow", "deny", "ask"];
  expect(words.map((word) => readHookRun(hook("project"), ran(says(word))).permission)).toEqual([
    null,
    "deny",
    "ask",
  ]);
  expect(words.map((word) => readHookRun(hook(), ran(says(word))).permission)).toEqual(words);
});

test("of several verdicts the strictest counts", () => {
  const allow = { ...NO_VERDICT, permission: "allow" as const, updatedInput: { a: 1 } };
  const ask = { ...NO_VERDICT, permission: "ask" as const, updatedInput: { b: 1 } };
  const joined = joinVerdicts([allow, ask, { ...NO_VERDICT, block: "no" }]);
  expect(joined).toMatchObject({ permission: "ask", block: "no", updatedInput: { a: 1 } });
  expect(joined.notes).toEqual([expect.objectContaining({ code: "hook_ignored" })]);
});
