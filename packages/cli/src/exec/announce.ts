import { sandboxLabel, visibleLine } from "@quire/protocol";
import type { OpenNotice, SandboxPolicy, ThreadStartResponse } from "@quire/protocol/app-server";
import type { Style } from "../terminal/style.ts";
import type { Run } from "./run-exec.ts";

const MODES = {
  readOnly: "read-only",
  workspaceWrite: "workspace-write",
  dangerFullAccess: "danger-full-access",
  externalSandbox: "external-sandbox",
} as const satisfies Record<SandboxPolicy["type"], string>;

/** The opening lines on stderr: what runs where, with what rights, and everything that was decided for the user. */
export function announce({ args, style, system }: Run, opened: ThreadStartResponse): void {
  const write = (line: string) => system.stderr.write(`${line}\n`);
  const dot = style.dim("·");
  write(
    `${style.bold("quire")} ${dot} ${visibleLine(opened.model)} ${dot} ${sandboxLabel(MODES[opened.sandbox.type])} ${dot} ${visibleLine(opened.cwd)}`,
  );
  for (const notice of opened.notices ?? []) {
    // On the screen the turn says it again; in the JSON stream that is another reader.
    if (notice.inTurn && !args.json) continue;
    for (const line of noticeLines(notice, style)) write(line);
  }
  if (args.action.kind !== "start") write(style.dim(`thread ${opened.thread.id}`));
}

function noticeLines({ code, level, message, details }: OpenNotice, style: Style): string[] {
  if (level === "info") return [code === "model_offline" ? style.yellow(message) : style.dim(message)];
  return [style.yellow(`! ${message} [${code}]`), ...details.map((line) => style.dim(`    ${line}`))];
}
