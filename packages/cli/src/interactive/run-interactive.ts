import fs from "node:fs/promises";
import path from "node:path";
import { resolveHome } from "@quire/config";
import { findLastThread } from "@quire/core";
import { type OpenHow, runPlain, runTui, type TuiEnd, type TuiPorts } from "@quire/tui";
import { asCodedError, openLocalDoor } from "../engine/local-door.ts";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { readGitInfo } from "../session/git-info.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import type { InteractiveArguments } from "./arguments.ts";
import { commandReports, type FindCommand } from "./command-reports.ts";
import { exitCodeOfEnd, watchForEnd } from "./forced-end.ts";
import { inputHistory } from "./input-history.ts";
import { notifyProgram } from "./notify-program.ts";
import { asksBackground, paletteOf, processTerminal } from "./process-terminal.ts";
import { userPrograms } from "./programs.ts";
import { readSavedPrompts, setupPorts, trustDecision } from "./tui-ports.ts";

/** The terminal user interface over an engine in this process; resolves to the exit code. */
export async function runInteractive(
  args: InteractiveArguments,
  system: System,
  findCommand: FindCommand,
): Promise<number> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const base = engineBase(args, system, home);
  const loaded = await readConfig(base, cwd, []);
  const door = await openLocalDoor(base, {
    clientInfo: { name: "quire", title: "Quire", version: VERSION },
  });
  const ending = watchForEnd(system);
  const ports: TuiPorts = {
    ...userPrograms(system, home),
    client: door.client,
    terminal: processTerminal(system),
    clock: {
      now: system.now,
      after(ms, call) {
        const timer = setTimeout(call, ms);
        return () => clearTimeout(timer);
      },
    },
    palette: paletteOf(system.env),
    asksBackground: asksBackground(system.env),
    inputHistory: inputHistory(home, system),
    settings: loaded.config.tui,
    saveFile: (file, text) => fs.writeFile(path.resolve(cwd, file), text, { flag: "wx" }),
    branchOf: async (folder) => readGitInfo(findGitRoot(folder))?.branch ?? null,
    savedPrompts: async () => readSavedPrompts(home),
    reports: commandReports(system, args.overrides, findCommand),
    setup: setupPorts(system, home, loaded),
    decideTrust: trustDecision(home, loaded),
    suspend: () => system.suspend(),
    turnEnded: notifyProgram(loaded.config.notify, system),
    stop: ending.signal,
    isTyped: system.stdin.isTTY === true,
    inputEnded: ending.inputEnded,
    onInterrupt: ending.onInterrupt,
    version: VERSION,
    homeDir: system.homeDir,
  };
  try {
    const isPlain = args.plain || system.env.TERM === "dumb" || loaded.config.tui.screen_reader === true;
    const ended = await (isPlain ? runPlain : runTui)(ports, {
      how: howOf(args, home, cwd),
      params: {
        cwd,
        ...(args.model === null ? {} : { model: args.model }),
        ...(args.sandbox === null ? {} : { sandbox: args.sandbox }),
        ...(args.approvalPolicy === null ? {} : { approvalPolicy: args.approvalPolicy }),
      },
      prompt: promptOf(args, system.cwd),
    });
    sayWhereItIs(ended, ending.end() !== null, system);
    return exitCodeOfEnd(ending.end());
  } catch (thrown) {
    throw asCodedError(thrown);
  } finally {
    await door.close();
    ending.close();
  }
}

/** Where to find the thread again; with its file when the end was not the user's. */
function sayWhereItIs({ threadId, log, others }: TuiEnd, isForced: boolean, { stdout }: System): void {
  if (threadId !== null) stdout.write(`To go on with this thread: quire resume ${threadId}\n`);
  if (threadId !== null && isForced && log !== null) stdout.write(`It is kept in ${log}\n`);
  for (const other of others) stdout.write(`Another one of this window: quire resume ${other}\n`);
}

function engineBase(args: InteractiveArguments, system: System, home: string): EngineBase {
  const { overrides, profile, strictConfig, trust, addDirs } = args;
  return {
    system,
    home,
    overrides,
    profile,
    strictConfig,
    ignoreUserConfig: false,
    ignoreRules: false,
    trust,
    addDirs,
    attended: true,
    anyFolder: true,
    source: "cli",
  };
}

function howOf({ action }: InteractiveArguments, home: string, cwd: string): OpenHow {
  if (action.kind === "start") return { kind: "new" };
  const threadId = action.thread ?? findLastThread(home, action.all ? null : cwd).id;
  return { kind: action.kind, threadId };
}

function promptOf({ prompt, images }: InteractiveArguments, base: string) {
  if (prompt === null && images.length === 0) return null;
  return { text: prompt ?? "", images: images.map((image) => path.resolve(base, image)) };
}
