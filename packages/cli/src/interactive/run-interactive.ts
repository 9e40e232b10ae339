import fs from "node:fs/promises";
import path from "node:path";
import type { Client } from "@quire/client";
import { resolveHome } from "@quire/config";
import { findLastThread } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { type OpenHow, runPlain, runTui, type TuiEnd, type TuiPorts, type TuiStart } from "@quire/tui";
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
  const cwd = args.remote === null ? workingDirectory(system.cwd, args.cwd) : system.cwd;
  const base = engineBase(args, system, home);
  const loaded = await readConfig(base, cwd, []);
  const door = await openDoor(args, base);
  const ending = watchForEnd(system);
  const ports: TuiPorts = {
    ...userPrograms(system, home),
    client: door.client,
    connection: door.connection,
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
    reports: commandReports(base, findCommand),
    setup: setupPorts(system, home, loaded),
    decideTrust: trustDecision(home, loaded),
    ...(args.remote === null ? {} : ELSEWHERE),
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
      how: await howOf(args, { home, cwd, client: door.client }),
      choose: choiceOf(args),
      params: {
        ...(args.remote === null || args.cwd !== null ? { cwd: args.remote === null ? cwd : args.cwd } : {}),
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
function sayWhereItIs(
  { threadId, log, waiting, others }: TuiEnd,
  isForced: boolean,
  { stdout }: System,
): void {
  if (threadId !== null) stdout.write(`To go on with this thread: quire resume ${threadId}\n`);
  if (threadId !== null && isForced && log !== null) stdout.write(`It is kept in ${log}\n`);
  if (threadId !== null && waiting > 0)
    stdout.write(
      `${waiting === 1 ? "A message waits" : `${waiting} messages wait`} for it: quire queue list ${threadId}\n`,
    );
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

interface Door {
  readonly client: Client;
  readonly connection: TuiPorts["connection"];
  close(): Promise<void>;
}

async function openDoor({ remote }: InteractiveArguments, base: EngineBase): Promise<Door> {
  const clientInfo = { name: "quire", title: "Quire", version: VERSION };
  // There is somebody who can be asked.
  const params = { clientInfo, capabilities: { experimentalApi: true } };
  if (remote === null) return { ...(await openLocalDoor(base, params)), connection: null };
  try {
    return await (await import("./remote-door.ts")).openRemoteDoor(remote, params, base);
  } catch (thrown) {
    throw asCodedError(thrown);
  }
}

/** What this machine knows of folders, threads and settings is not what is there. */
const ELSEWHERE: Partial<TuiPorts> = {
  branchOf: async () => null,
  reports: { has: () => false, run: async () => "", nextRequest: async () => "" },
  setup: null,
  decideTrust: null,
  clipboardImage: () =>
    Promise.reject(new Error("A picture of this machine cannot be read by an app-server elsewhere.")),
};

/** Which thread is meant is asked where it was not said. Elsewhere the folder of this one says nothing. */
function choiceOf({ action, remote, cwd }: InteractiveArguments): TuiStart["choose"] {
  if (action.kind === "start" || action.thread !== null || action.last) return null;
  return { kind: action.kind, everywhere: action.all || (remote !== null && cwd === null) };
}

async function howOf(
  { action, remote, cwd: named }: InteractiveArguments,
  { home, cwd, client }: { home: string; cwd: string; client: Client },
): Promise<OpenHow> {
  if (action.kind === "start") return { kind: "new" };
  if (action.thread !== null) return { kind: action.kind, threadId: action.thread };
  if (!action.last) return { kind: "new" };
  if (remote === null)
    return { kind: action.kind, threadId: findLastThread(home, action.all ? null : cwd).id };
  const folder = named === null || action.all ? {} : { cwd: named };
  const { data } = await client.request("thread/list", { limit: 1, sortKey: "updated_at", ...folder });
  const [last] = data;
  if (last !== undefined) return { kind: action.kind, threadId: last.id };
  throw new CodedError("thread_not_found", "the app-server has no thread to go on with");
}

function promptOf({ prompt, images }: InteractiveArguments, base: string) {
  if (prompt === null && images.length === 0) return null;
  return { text: prompt ?? "", images: images.map((image) => path.resolve(base, image)) };
}
