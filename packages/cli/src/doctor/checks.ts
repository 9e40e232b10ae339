import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { loadConfig, SYSTEM_CONFIG_FILE } from "@quire/config";
import { listRollouts } from "@quire/core";
import { probeSandbox, type SandboxProbe } from "@quire/sandbox";
import { openKeyStore } from "../session/model/key-store.ts";
import { chooseModel } from "../session/model/model-choice.ts";
import { permissionLines, sandboxDeps, unkeptPermissions } from "../session/sandbox-parts.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import type { Check, CheckFinding } from "./check.ts";

/** Everything `quire doctor` looks at. Nothing here reaches the network or changes anything. */
export function doctorChecks(system: System, home: string): Check[] {
  return [
    { id: "installation", title: "Installation", run: () => installation(system) },
    { id: "home", title: "Quire home", run: () => homeFolder(home) },
    { id: "config", title: "Configuration", run: () => configuration(system, home) },
    { id: "model", title: "Model", run: () => model(system, home) },
    { id: "credentials", title: "Credentials", run: () => credentials(system, home) },
    { id: "sandbox", title: "Sandbox", run: () => sandbox(system, home) },
    { id: "permissions", title: "Permissions", run: () => permissions(system, home) },
    { id: "git", title: "Git", run: () => programVersion("git", ["--version"], "Install git.") },
    { id: "repository", title: "Repository", run: () => repository(system) },
    { id: "python", title: "Python", run: () => python() },
    { id: "disk", title: "Disk space", run: () => disk(home) },
    { id: "threads", title: "Threads", run: () => threads(home) },
    { id: "terminal", title: "Terminal", run: () => terminal(system) },
  ];
}

async function installation(system: System): Promise<CheckFinding> {
  return {
    status: "ok",
    summary: `quire ${VERSION}, Node ${process.versions.node}, ${system.platform} ${system.arch}`,
  };
}

async function homeFolder(home: string): Promise<CheckFinding> {
  if (!fs.existsSync(home))
    return { status: "ok", summary: `${home} does not exist yet; the first run makes it` };
  fs.accessSync(home, fs.constants.R_OK | fs.constants.W_OK);
  const open = (fs.statSync(home).mode & 0o077) !== 0;
  return open
    ? { status: "warning", summary: `${home} can be read by others`, remediation: `chmod 700 ${home}` }
    : { status: "ok", summary: home };
}

async function configuration(system: System, home: string): Promise<CheckFinding> {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env });
  if (!loaded.ok) {
    return { status: "error", summary: loaded.error.message, remediation: loaded.error.next_step ?? null };
  }
  const layers = loaded.layers.map((layer) => `${layer.kind}: ${layer.file ?? "built in"} (${layer.status})`);
  const warnings = loaded.warnings.filter((warning) => warning.level === "warning");
  return warnings.length > 0
    ? {
        status: "warning",
        summary: `${warnings.length} warnings`,
        details: [...warnings.map((each) => each.message), ...layers],
      }
    : { status: "ok", summary: "no problems", details: layers };
}

async function model(system: System, home: string): Promise<CheckFinding> {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env });
  if (!loaded.ok) return { status: "skipped", summary: "the configuration cannot be read" };
  const choice = chooseModel(loaded.config, system.env, home);
  if (choice.kind === "endpoint") {
    const key =
      choice.credential.kind === "token" ? `key from ${choice.credential.source}` : choice.credential.kind;
    return { status: "ok", summary: `${choice.model} at ${choice.provider.baseUrl ?? "?"}, ${key}` };
  }
  return {
    status: "warning",
    summary: "no model is configured; the offline repair engine does what it can",
    remediation: "Set OPENAI_API_KEY, or describe a provider in config.toml.",
  };
}

async function credentials(system: System, home: string): Promise<CheckFinding> {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env });
  if (!loaded.ok) return { status: "skipped", summary: "the configuration cannot be read" };
  const kind = loaded.config.authStore;
  const store = openKeyStore(home, kind);
  const keyring = store.keyring();
  if (keyring?.usable === false && kind === "keyring") {
    return {
      status: "error",
      summary: `kept in the keyring, which cannot be used (${keyring.why})`,
      remediation: 'Start a secret service, or set cli_auth_credentials_store = "auto" or "file".',
    };
  }
  const kept = store.read();
  const where = kept === null ? "no key is kept" : `a key is kept in ${kept.place}`;
  const fallback = keyring?.usable === false ? `; the keyring cannot be used (${keyring.why})` : "";
  return { status: "ok", summary: `${kind}: ${where}${fallback}` };
}

/** What keeps the number of a command's processes within its limit. */
const COUNTED: Readonly<Record<Extract<SandboxProbe, { ok: true }>["processLimit"], string>> = {
  user: "processes are counted per user and sandbox",
  group: "processes are counted by a control group",
  namespace: "processes run out of numbers",
  none: "processes are not counted",
};

async function sandbox(system: System, home: string): Promise<CheckFinding> {
  const probe = await probeSandbox(sandboxDeps(system, home));
  if (!probe.ok) {
    return { status: "error", summary: `${probe.cause} [${probe.code}]`, remediation: probe.remedy };
  }
  const summary = `${probe.backend} ${probe.version} confines commands`;
  if (probe.weakness !== undefined) {
    const { message, remedy } = probe.weakness;
    return { status: "warning", summary: `${summary}, but ${message}`, remediation: remedy };
  }
  return { status: "ok", summary: `${summary}; ${COUNTED[probe.processLimit]}` };
}

async function permissions(system: System, home: string): Promise<CheckFinding> {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, systemFile: SYSTEM_CONFIG_FILE });
  if (!loaded.ok) return { status: "skipped", summary: "the configuration cannot be read" };
  const { filePermissions, sandboxMode, sandboxModeIsChosen } = loaded.config;
  const mode = sandboxModeIsChosen ? `sandbox mode ${sandboxMode}` : "no mode is set";
  if (filePermissions === null) return { status: "ok", summary: `${mode}, no permission profile for files` };
  const place = { cwd: system.cwd, gitRoot: findGitRoot(system.cwd), extraWritableRoots: [] };
  const unkept = unkeptPermissions(place, loaded.config, sandboxMode).map(({ message }) => message);
  const force = filePermissions.inForce ? "" : "; a sandbox mode is set, so only what it denies counts";
  return {
    status: unkept.length > 0 ? "warning" : "ok",
    summary: `profile ${filePermissions.profile} (${mode})${force}`,
    details: [...permissionLines(place, loaded.config, sandboxMode), ...unkept],
  };
}

async function repository(system: System): Promise<CheckFinding> {
  const root = findGitRoot(system.cwd);
  return root === null
    ? { status: "warning", summary: `${system.cwd} is in no git repository; runs here are read-only` }
    : { status: "ok", summary: root };
}

async function python(): Promise<CheckFinding> {
  const found = await programVersion("python3", ["--version"], "Install python3.");
  return found.status === "ok"
    ? found
    : {
        ...found,
        status: "warning",
        summary: "python3 is missing; the offline engine cannot repair Python here",
      };
}

async function disk(home: string): Promise<CheckFinding> {
  let folder = home;
  while (!fs.existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = Number(bavail) * Number(bsize);
  const gib = (free / 1024 ** 3).toFixed(1);
  return free < 512 * 1024 ** 2
    ? { status: "warning", summary: `only ${gib} GiB free at ${folder}`, remediation: "Make room for logs." }
    : { status: "ok", summary: `${gib} GiB free` };
}

async function threads(home: string): Promise<CheckFinding> {
  let count = 0;
  for (const _thread of listRollouts(home)) count += 1;
  return { status: "ok", summary: `${count} on disk` };
}

async function terminal(system: System): Promise<CheckFinding> {
  const { TERM, COLORTERM, NO_COLOR } = system.env;
  return {
    status: "ok",
    summary: `TERM=${TERM ?? "unset"}${COLORTERM ? ` COLORTERM=${COLORTERM}` : ""}${NO_COLOR ? " NO_COLOR" : ""}`,
  };
}

function programVersion(program: string, args: readonly string[], remedy: string): Promise<CheckFinding> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 5000 }, (error, stdout) => {
      resolve(
        error
          ? { status: "error", summary: `${program} does not run (${error.message})`, remediation: remedy }
          : { status: "ok", summary: stdout.trim() },
      );
    });
  });
}
