import { parseArgs } from "node:util";
import { loadConfig, type QuireConfig, resolveHome } from "@quire/config";
import { CodedError, type SandboxMode, SandboxModeSchema } from "@quire/protocol";
import {
  type ProxyRules,
  runSandboxCommand,
  type SandboxCommandResult,
  type SandboxPolicy,
} from "@quire/sandbox";
import { EXIT } from "../exit-code.ts";
import { openNetworkLog } from "../session/network/network-log.ts";
import { sandboxDeps, sandboxPolicy, unkeptPermissions } from "../session/sandbox-parts.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { showHelp, wrongUse } from "../words.ts";

const HELP = `Run a command as the agent's commands run.

Usage: quire sandbox [OPTIONS] -- COMMAND [ARGUMENTS]

Options:
  --mode MODE      read-only | workspace-write | danger-full-access (default: workspace-write)
  -C, --cd DIR     run in DIR; with workspace-write it, or the repository around it, can be written to
  --add-dir DIR    another directory that can be written to; may be repeated
  --allow-net HOST reach this host through the checking proxy (example.com, *.example.com, host:port); may be repeated.
                   Private addresses stay out of reach unless named with their port; rules of [network] in config.toml
                   count as well; every decision goes to log/network.jsonl in the Quire home
  -P, --permission-profile NAME
                   go by this permission profile of config.toml, whatever default_permissions and sandbox_mode say
  --allow-ptrace   let the command trace its own processes, as debuggers do (gdb, strace)

Exit code: the command's own; 128 + n after signal n; 2 wrong use, 3 no working sandbox, 126 it could not be started.
`;

/** `quire sandbox`: the containment on its own, for users and for tests of it. */
export async function runSandbox(argv: readonly string[], system: System): Promise<number> {
  const request = parse(argv);
  if (request === "help") return showHelp(HELP, system);
  const cwd = workingDirectory(system.cwd, request.cd);
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({
    home,
    cwd,
    env: system.env,
    flags: request.flags,
    permissionProfile: request.profile,
  });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const mode = modeFor(request, loaded.config);
  const place = {
    cwd,
    gitRoot: findGitRoot(cwd),
    extraWritableRoots: request.addDirs.map((directory) => workingDirectory(system.cwd, directory)),
  };
  const configured = sandboxPolicy(place, loaded.config, mode);
  for (const { message } of unkeptPermissions(place, loaded.config, mode)) {
    system.stderr.write(`quire sandbox: warning: ${message}\n`);
  }
  const policy = { ...configured, allowPtrace: request.allowPtrace };
  const usesProxy = request.allowNet.length > 0 || typeof policy.network === "object";
  const network = usesProxy ? openNetworkLog(home, system) : null;
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort());
  try {
    const result = await runSandboxCommand(
      network === null ? policy : { ...policy, network: { proxy: rulesWith(policy, request.allowNet) } },
      { argv: request.command, cwd, interactive: Boolean(system.stdin.isTTY), signal: stop.signal },
      { ...sandboxDeps(system, home), ...(network === null ? {} : { network: network.hooks }) },
    );
    if (result.problem !== undefined) system.stderr.write(`quire sandbox: ${withCode(result)}\n`);
    for (const weakness of result.weaknesses) system.stderr.write(`quire sandbox: warning: ${weakness}\n`);
    for (const notice of result.notices) system.stderr.write(`quire sandbox: ${notice.message}\n`);
    return result.exitCode;
  } finally {
    stopListening();
    network?.close();
  }
}

/** Without one, what a profile in force stands for. */
function modeFor(
  { mode, profile }: { mode: SandboxMode | undefined; profile: string | null },
  { filePermissions, sandboxMode }: QuireConfig,
): SandboxMode {
  if (mode !== undefined) return mode;
  return profile !== null || filePermissions?.inForce ? sandboxMode : "workspace-write";
}

/** The code goes behind the cause; the remedy has a line of its own. */
function withCode({ problem = "", exitCode }: SandboxCommandResult): string {
  return exitCode === EXIT.noSandbox ? problem.replace(/(?=\n|$)/, " [sandbox_unavailable]") : problem;
}

/** The configured rules, without their credentials, and the hosts of the command line. */
function rulesWith({ network }: SandboxPolicy, hosts: readonly string[]): ProxyRules {
  const configured = typeof network === "object" ? network.proxy : { allow: [] };
  return { ...configured, allow: [...configured.allow, ...hosts] };
}

function parse(argv: readonly string[]) {
  const separator = argv.indexOf("--");
  const own = separator === -1 ? argv : argv.slice(0, separator);
  const command = separator === -1 ? [] : argv.slice(separator + 1);
  let values: {
    mode?: string;
    cd?: string;
    "add-dir"?: string[];
    "allow-net"?: string[];
    "allow-ptrace"?: boolean;
    "permission-profile"?: string;
    help?: boolean;
  };
  try {
    ({ values } = parseArgs({
      args: [...own],
      options: {
        mode: { type: "string" },
        cd: { type: "string", short: "C" },
        "add-dir": { type: "string", multiple: true },
        "allow-net": { type: "string", multiple: true },
        "allow-ptrace": { type: "boolean" },
        "permission-profile": { type: "string", short: "P" },
        help: { type: "boolean", short: "h" },
      },
      strict: true,
    }));
  } catch (cause) {
    throw wrongUse("sandbox", cause instanceof Error ? cause.message : String(cause));
  }
  if (values.help) return "help" as const;
  const mode = values.mode === undefined ? undefined : modeOf(values.mode);
  const profile = values["permission-profile"] ?? null;
  if (profile !== null && mode !== undefined) {
    throw wrongUse(
      "sandbox",
      "--mode and --permission-profile both say what may be written; give one of them",
    );
  }
  if (command.length === 0) throw wrongUse("sandbox", "no command was given; put it behind --");
  return {
    mode,
    profile,
    // A mode that nobody gave leaves a permission profile in force.
    flags: mode === undefined ? {} : { sandbox_mode: mode },
    cd: values.cd ?? null,
    addDirs: values["add-dir"] ?? [],
    allowNet: values["allow-net"] ?? [],
    allowPtrace: values["allow-ptrace"] ?? false,
    command,
  };
}

function modeOf(word: string): SandboxMode {
  const mode = SandboxModeSchema.safeParse(word);
  if (!mode.success) throw wrongUse("sandbox", `unknown mode ${JSON.stringify(word)}`);
  return mode.data;
}
