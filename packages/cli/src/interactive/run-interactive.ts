import fs from "node:fs/promises";
import path from "node:path";
import { resolveHome } from "@quire/config";
import { findLastThread } from "@quire/core";
import { type OpenHow, runTui, type TuiPorts } from "@quire/tui";
import { asCodedError, openLocalDoor } from "../engine/local-door.ts";
import type { EngineBase } from "../engine/thread-config.ts";
import { readGitInfo } from "../session/git-info.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import type { InteractiveArguments } from "./arguments.ts";
import { inputHistory } from "./input-history.ts";
import { asksBackground, paletteOf, processTerminal } from "./process-terminal.ts";
import { userPrograms } from "./programs.ts";

/** The terminal user interface over an engine in this process; resolves to the exit code. */
export async function runInteractive(args: InteractiveArguments, system: System): Promise<number> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const door = await openLocalDoor(engineBase(args, system, home), {
    clientInfo: { name: "quire", title: "Quire", version: VERSION },
  });
  const { editText, clipboardImage } = userPrograms(system, home);
  const ports: TuiPorts = {
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
    editText,
    clipboardImage,
    saveFile: (file, text) => fs.writeFile(path.resolve(cwd, file), text, { flag: "wx" }),
    branchOf: async (folder) => readGitInfo(findGitRoot(folder))?.branch ?? null,
    notify: () => undefined,
    version: VERSION,
    homeDir: system.homeDir,
  };
  try {
    const ended = await runTui(ports, {
      how: howOf(args, home, cwd),
      params: {
        cwd,
        ...(args.model === null ? {} : { model: args.model }),
        ...(args.sandbox === null ? {} : { sandbox: args.sandbox }),
        ...(args.approvalPolicy === null ? {} : { approvalPolicy: args.approvalPolicy }),
      },
      prompt: promptOf(args, system.cwd),
    });
    if (ended.threadId !== null)
      system.stdout.write(`To go on with this thread: quire resume ${ended.threadId}\n`);
    return 0;
  } catch (thrown) {
    throw asCodedError(thrown);
  } finally {
    await door.close();
  }
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
