import fs from "node:fs";
import path from "node:path";
import { type LoadedConfig, loadConfig, resolveHome } from "@quire/config";
import { CodedError, visibleLine, visibleText } from "@quire/protocol";
import { estimateTokens } from "@quire/tools";
import { EXIT } from "../exit-code.ts";
import { openRepository } from "../review/open-repository.ts";
import { openSandbox, requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { findCommands } from "./find-commands.ts";
import { commitForm, conventions, layout, overview, stack } from "./project-facts.ts";
import { type AgentsFacts, agentsSections, NOT_TRIED, renderAgents, updateAgents } from "./render-agents.ts";
import { type TriedCommand, tryCommands } from "./try-commands.ts";

export interface InitRequest {
  cd: string | null;
  dryRun: boolean;
  /** Whether commands are run before they are written down. */
  runs: boolean;
  /** What becomes of an AGENTS.md that is there. */
  existing: "keep" | "update" | "replace";
  timeoutMs: number;
}

const MOST_TOKENS = 2000;
const COMMITS = 200;

/** Finds the facts, tries the commands, writes the file; says on stderr how each fact is known. Returns the exit code. */
export async function initAgents(request: InitRequest, system: System): Promise<number> {
  const cwd = workingDirectory(system.cwd, request.cd);
  const root = findGitRoot(cwd) ?? cwd;
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: root, env: system.env });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const target = path.join(root, "AGENTS.md");
  const before = readExisting(target);
  const { files, commits } = await fromGit(root, system, home);
  const found = findCommands(root, files);
  const commands = request.runs
    ? await tryAll(found, { root, home, loaded, request }, system)
    : found.map((command): TriedCommand => ({ ...command, result: { kind: "notRun", why: NOT_TRIED } }));
  const facts: AgentsFacts = {
    name: path.basename(root),
    overview: overview(root),
    stack: stack(root, files),
    commands,
    layout: layout(files),
    conventions: conventions(root, files),
    commits: commitForm(commits),
    servers: Object.keys(loaded.config.mcpServers),
  };
  system.stderr.write(factsText(facts));
  return conclude(within(facts, before, request), { target, before, request }, system);
}

/** The text, with fewer folders where it would be too long. */
function within(facts: AgentsFacts, before: string | null, { existing }: InitRequest): string {
  for (let folders = facts.layout.length; ; folders--) {
    const sections = agentsSections({ ...facts, layout: facts.layout.slice(0, folders) });
    const text =
      before !== null && existing === "update"
        ? updateAgents(before, sections)
        : renderAgents(facts, sections);
    if (folders === 0 || estimateTokens(Buffer.byteLength(text)) < MOST_TOKENS) return text;
  }
}

function readExisting(target: string): string | null {
  const facts = fs.lstatSync(target, { throwIfNoEntry: false });
  if (facts === undefined) return null;
  if (facts.isFile()) return fs.readFileSync(target, "utf8");
  throw new CodedError("usage_invalid", `${target} is no regular file, so it is left alone`, {
    nextStep: "Look where it leads, and move it out of the way if it is to be replaced.",
  });
}

async function fromGit(root: string, system: System, home: string) {
  if (findGitRoot(root) === null) return { files: topFiles(root), commits: [] };
  const git = await openRepository({ gitRoot: root, cwd: root }, system, home);
  try {
    const [files, commits] = await Promise.all([git.listFiles({ untracked: true }), git.log(COMMITS)]);
    return {
      files: files.kind === "ok" ? files.value : topFiles(root),
      commits: commits.kind === "ok" ? commits.value : [],
    };
  } finally {
    git.close();
  }
}

/** Without git only the folder itself is looked at. */
function topFiles(root: string): string[] {
  return fs
    .readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

type Loaded = LoadedConfig;

async function tryAll(
  found: ReturnType<typeof findCommands>,
  { root, home, loaded, request }: { root: string; home: string; loaded: Loaded; request: InitRequest },
  system: System,
): Promise<TriedCommand[]> {
  if (found.length === 0) return [];
  const deps = sandboxDeps(system, home);
  await requireSandbox("workspace-write", deps);
  // Whatever the configuration opens for agents: what a repository names runs here without anybody having looked at it.
  const place = { cwd: root, gitRoot: findGitRoot(root), extraWritableRoots: [] };
  const { config } = loaded;
  const closed = {
    ...config,
    network: { ...config.network, enabled: false },
    workspaceWrite: { ...config.workspaceWrite, networkAccess: false },
  };
  const sandbox = openSandbox(place, closed, "workspace-write", deps);
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort());
  try {
    const { monotonicMs } = system;
    const tried = await tryCommands(found, sandbox, {
      cwd: root,
      timeoutMs: request.timeoutMs,
      monotonicMs,
      signal: stop.signal,
    });
    if (stop.signal.aborted) throw new CodedError("interrupted", "init was interrupted; nothing was written");
    return tried;
  } finally {
    stopListening();
    await sandbox.close();
  }
}

function factsText({
  overview: about,
  stack: parts,
  commands,
  layout: folders,
  conventions: rules,
  commits,
  servers,
}: AgentsFacts): string {
  const lines = commands.map(({ command, from, result }) => {
    const name = `${visibleLine(command)} (${visibleLine(from)})`;
    if (result.kind === "timedOut") return `✗ ${name}: no end after ${result.seconds.toFixed(1)} s; left out`;
    if (result.kind === "notRun") return `· ${name}: not run, ${visibleLine(result.why)}`;
    const counts = result.tests === null ? "" : `, ${result.tests}`;
    const end = `exit code ${result.exitCode} after ${result.seconds.toFixed(1)} s${counts}`;
    return result.exitCode === 0
      ? `✓ ${name}: ${end}`
      : `✗ ${name}: ${end}: ${visibleLine(result.lastLine).slice(0, 120)}`;
  });
  const others = [about, ...parts, ...rules, commits].flatMap((fact) =>
    fact === null ? [] : [`✓ ${visibleLine(fact.text).slice(0, 80)}: ${fact.known}`],
  );
  const counted = folders.length > 0 ? [`✓ ${folders.length} folders: counted`] : [];
  const named =
    servers.length > 0
      ? [`✓ MCP servers ${servers.map((name) => visibleLine(name)).join(", ")}: config.toml`]
      : [];
  return `${[...lines, ...others, ...counted, ...named].join("\n")}\n`;
}

async function conclude(
  text: string,
  { target, before, request }: { target: string; before: string | null; request: InitRequest },
  system: System,
): Promise<number> {
  if (request.dryRun) {
    system.stdout.write(visibleText(text));
    return EXIT.done;
  }
  if (before === text) {
    system.stderr.write(`${target} says this already\n`);
    return EXIT.done;
  }
  if (before !== null && request.existing === "keep") {
    const { unifiedDiff } = await import("@quire/apply-patch");
    system.stdout.write(
      visibleText(unifiedDiff("AGENTS.md", "AGENTS.md", Buffer.from(before), Buffer.from(text)).text),
    );
    system.stderr.write(
      `${target} is there and was left as it is. --update replaces the sections above, --force the file.\n`,
    );
    return EXIT.failed;
  }
  // A new file is made only if there is still none; another one is replaced in one step.
  if (before === null) fs.writeFileSync(target, text, { flag: "wx" });
  else {
    const next = `${target}.quire-${system.pid}`;
    fs.writeFileSync(next, text, { flag: "wx", mode: fs.statSync(target).mode });
    fs.renameSync(next, target);
  }
  system.stderr.write(`${target} was written: about ${estimateTokens(Buffer.byteLength(text))} tokens\n`);
  return EXIT.done;
}
