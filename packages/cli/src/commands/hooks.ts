import fs from "node:fs";
import path from "node:path";
import { loadConfig, resolveHome } from "@quire/config";
import { HOOK_EVENTS, HookDesk, isHookEvent } from "@quire/core";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { runHook } from "../hooks/run-hook.ts";
import { findSessionHooks } from "../hooks/session-hooks.ts";
import { openSandbox, requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import { pluginHookFiles } from "../skills/extensions.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Hooks: programs that run when something happens in a thread, and may block or change it.

Usage: quire hooks list [--json]
       quire hooks test EVENT --input FILE

Events: ${HOOK_EVENTS.join(", ")}.
They stand in hooks.json or [hooks] of config.toml, in the Quire home (they run as you) or in .quire or .codex of a project
(they run in the sandbox, and only as you trusted them). test runs those that match the fields in FILE, a JSON object, as
a thread would, and prints what they decide; nothing else happens.
`;

/** `quire hooks`. */
export async function runHooks(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("hooks", argv, {
    json: { type: "boolean" },
    input: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const [action, event] = positionals;
  if (action === "list") return list(values.json ?? false, system);
  if (action !== "test" || event === undefined) throw wrongUse("hooks", "say list, or test and an event");
  if (!isHookEvent(event)) throw wrongUse("hooks", `there is no event ${JSON.stringify(event)}`);
  const fields = inputFields(values.input, system);
  const { hooks, loaded, home, cwd } = await find(system);
  const deps = sandboxDeps(system, home);
  await requireSandbox("workspace-write", deps);
  const place = { cwd, gitRoot: findGitRoot(cwd), extraWritableRoots: [] };
  const sandbox = openSandbox(place, loaded.config, "read-only", deps);
  try {
    const desk = new HookDesk({
      hooks: () => hooks,
      run: (hook, stdin, signal) =>
        runHook(hook, stdin, signal, { system, cwd: () => cwd, sandbox: () => sandbox }),
      sessionId: "dry-run",
      transcriptPath: null,
      source: "startup",
      now: system.now,
    });
    const facts = { turn_id: "dry-run", cwd, model: loaded.config.model ?? "", permission_mode: "default" };
    const subject = String(fields.tool_name ?? fields.source ?? fields.trigger ?? "");
    const verdict = await desk.fire(event, subject, facts, fields, new AbortController().signal);
    system.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
    return EXIT.done;
  } finally {
    await sandbox.close();
  }
}

function inputFields(file: string | undefined, system: System): Record<string, unknown> {
  if (file === undefined) throw wrongUse("hooks", "name the fields with --input FILE");
  const where = path.resolve(system.cwd, file);
  try {
    const value: unknown = JSON.parse(fs.readFileSync(where, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new CodedError("usage_invalid", `${visibleLine(where)} cannot be read as JSON`, { cause });
  }
  throw new CodedError("usage_invalid", `${visibleLine(where)} does not hold a JSON object`);
}

async function find(system: System) {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, null);
  const loaded = await loadConfig({ home, cwd, env: system.env, overrides: [] });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const found = await findSessionHooks({
    home,
    cwd,
    project: loaded.project,
    pluginFiles: pluginHookFiles(home),
  });
  return { ...found, loaded, home, cwd };
}

async function list(json: boolean, system: System): Promise<number> {
  const { hooks, warnings } = await find(system);
  const rows = hooks.map(({ matches: _, ...hook }) => hook);
  if (json) {
    system.stdout.write(`${JSON.stringify({ hooks: rows, warnings }, null, 2)}\n`);
    return EXIT.done;
  }
  for (const { event, matcher, command, timeoutMs, origin } of rows) {
    const on = matcher === null ? "" : ` on ${visibleLine(matcher)}`;
    const where = origin.kind === "project" ? "in the sandbox" : "as you";
    const whose = origin.kind === "plugin" ? `plugin ${origin.pluginId}` : origin.kind;
    system.stdout.write(
      `${event}${on}: ${visibleLine(command)}\n  ${whose}, ${visibleLine(origin.file)}; ${where}, at most ${timeoutMs / 1000} s\n`,
    );
  }
  if (rows.length === 0) system.stdout.write("No hooks. See: quire hooks --help\n");
  for (const { message } of warnings) system.stderr.write(`${message}\n`);
  return EXIT.done;
}
