import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecEvent } from "@quire/protocol";
import { parseScenario } from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "../support/exec-world.ts";

/** What hooks of `codex exec` 0.169 were seen to get and to bring about; README.md in this folder says how. */
interface Reference {
  /** The names of the fields on stdin, by event. */
  fields: Record<string, string[]>;
  cases: HookCase[];
}

interface HookCase {
  name: string;
  prompt?: string;
  /** Whether the user has a skill named greet-people. */
  skill?: boolean;
  steps: object[];
  /** What the hook of an event answers; every event has one, which answers nothing. */
  says?: Record<string, { matcher?: string; stdout?: unknown; stderr?: string; exit?: number }>;
  exitCode: number;
  /** In their order, without what differs from run to run. */
  stdin: object[];
  items: object[];
  /** As the model got them, without the lines above a command's output. */
  toolOutputs: (string | { blockedBy: string })[];
  /** What the model was told besides. */
  told: string[];
}

const { fields, cases }: Reference = JSON.parse(
  await readFile(new URL("reference-hooks.json", import.meta.url), "utf8"),
);

const SKILL = `---
name: greet-people
description: Greets people politely.
---

Say GREETING-BODY-77 and run scripts/greet.sh.
`;

test.for(cases.map((each) => [each.name, each] as const))(
  "%s: hooks get and bring about what they do there",
  async ([, each]) => {
    const { steps, options } = parseScenario(
      JSON.stringify({ steps: each.steps, afterwards: { say: "done" } }),
    );
    await using world = await execWorld({ steps, script: options, model: "gpt-5.5" });
    const log = await putHooks(world, each);
    if (each.skill) await putSkill(world);
    const { run, events } = await world.execJson([each.prompt ?? "do it"]);
    expect(run.exitCode).toBe(each.exitCode);
    const got = (await readFile(log, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const each of got) {
      expect(Object.keys(each)).toEqual(expect.arrayContaining(fields[each.hook_event_name] ?? []));
    }
    expect(got.map((each) => placed(each, world))).toMatchObject(each.stdin);
    expect(itemsOf(events)).toMatchObject(each.items);
    const last = world.server.requests.at(-1);
    expect(last?.toolOutputs.map(withoutHead)).toEqual(each.toolOutputs.map(expectedOutput));
    for (const words of each.told) expect(String(last?.raw)).toContain(words);
    if (each.told.length === 0) expect(String(last?.raw)).not.toMatch(/KNOW|IGNORED/);
  },
);

/** A hook for every event that notes what it gets; each says what the case has it say. */
async function putHooks(world: ExecWorld, { says = {} }: HookCase): Promise<string> {
  const folder = join(world.home.path, "hooks");
  const log = join(folder, "log");
  await mkdir(folder);
  const hooks: Record<string, object[]> = {};
  for (const event of [
    ...Object.keys(fields),
    "PermissionRequest",
    "PreCompact",
    "PostCompact",
    "Interrupt",
  ]) {
    const { matcher, stdout = "", stderr = "", exit = 0 } = says[event] ?? {};
    const script = join(folder, event);
    const text = typeof stdout === "string" ? stdout : JSON.stringify(stdout);
    await writeFile(`${script}.out`, text);
    await writeFile(`${script}.err`, stderr);
    const lines = [
      "read -r line",
      `printf '%s\\n' "$line" >> ${log}`,
      `cat ${script}.out`,
      `cat ${script}.err >&2`,
    ];
    await writeFile(script, `#!/bin/sh\n${lines.join("\n")}\nexit ${exit}\n`, { mode: 0o755 });
    hooks[event] = [{ matcher, hooks: [{ type: "command", command: script, timeout: 60 }] }];
  }
  await writeFile(join(world.quireHome, "hooks.json"), JSON.stringify({ hooks }));
  return log;
}

async function putSkill(world: ExecWorld): Promise<void> {
  const folder = join(world.home.path, ".agents/skills/greet-people");
  await mkdir(join(folder, "scripts"), { recursive: true });
  await writeFile(join(folder, "SKILL.md"), SKILL);
  await writeFile(join(folder, "scripts/greet.sh"), "echo hello\n");
}

function placed(value: object, world: ExecWorld): object {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(world.repository.path, "$REPO")
      .replace(/Wall time: [0-9.]+/g, "Wall time: $T"),
  );
}

/** Beside these ours tells what hooks did, where the reference is silent. */
function itemsOf(events: readonly ExecEvent[]): object[] {
  return events.flatMap((event): object[] => {
    if (event.type !== "item.completed") return [];
    const { item } = event;
    if (item.type === "error" || item.type === "tool_call") return [];
    if (item.type !== "command_execution") return [item];
    return [{ ...item, command: item.command.replace(/^\S+ -c '(.*)'$/, "$1") }];
  });
}

function withoutHead(output: string): string {
  return output.replace(/^[\s\S]*?\nOutput:\n/, "").replace(/\n<hook_context>[\s\S]*<\/hook_context>$/, "");
}

function expectedOutput(output: HookCase["toolOutputs"][number]): unknown {
  return typeof output === "string" ? output : expect.stringContaining(output.blockedBy);
}
