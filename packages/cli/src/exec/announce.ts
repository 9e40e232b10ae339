import { sandboxLabel, visibleLine } from "@quire/protocol";
import type { Session } from "../session/open-session.ts";
import type { Run } from "./prepare-run.ts";

/** The opening lines on stderr: what runs where, with what rights, and everything that was decided for the user. */
export function announce(run: Run, session: Session): void {
  const { style, system, workspace } = run;
  const { choice, settings, thread } = session;
  const write = (line: string) => system.stderr.write(`${line}\n`);
  write(
    `${style.bold("quire")} ${style.dim("·")} ${visibleLine(settings.model)} ${style.dim("·")} ${sandboxLabel(workspace.sandboxMode)} ${style.dim("·")} ${visibleLine(workspace.cwd)}`,
  );
  if (choice.kind === "offline" && choice.why === "nothing-configured") {
    write(
      style.yellow(
        "No model is configured, so the built-in offline repair engine works on this. It is not a language model: it can make a failing test pass by a small edit, nothing else. For a model set OPENAI_API_KEY or describe a provider in config.toml.",
      ),
    );
  }
  if (workspace.modeNote !== null) write(style.dim(workspace.modeNote));
  if (run.args.action.kind !== "start") write(style.dim(`thread ${thread.id}`));
  for (const warning of run.loaded.warnings) {
    if (warning.level !== "warning") continue;
    write(style.yellow(`! ${warning.message} [${warning.code}]`));
    for (const line of warning.details) write(style.dim(`    ${line}`));
  }
  for (const notice of session.notices) {
    write(
      style.yellow(
        notice.kind === "damage"
          ? `! line ${notice.damage.line} of the log could not be read (${notice.damage.kind})${notice.keptCopy ? `; the file as it was is kept as ${notice.keptCopy}` : ""} [rollout_damaged]`
          : `! it is unknown how this ended, and it was not run again: ${visibleLine(notice.description.split("\n")[0] ?? "")} [outcome_unknown]`,
      ),
    );
  }
}
