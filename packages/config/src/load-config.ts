import { dirname, join } from "node:path";
import { CodedError, type ErrorInfo } from "@quire/protocol";
import { type ConfigFs, realFs, realpathOrNull } from "./config-fs.ts";
import { defaultTable } from "./defaults.ts";
import { escapeInvisible } from "./escape-invisible.ts";
import { finishConfig } from "./finish-config.ts";
import type { Env } from "./home.ts";
import { formatKeyPath } from "./key-path.ts";
import type { ConfigOrigin, LayerContent, LayerKind, LayerReport } from "./layer.ts";
import { readLayerFile } from "./layer-file.ts";
import { type ConfigProblem, checkLayer, lineIn, placeOf, statusWarnings } from "./layer-findings.ts";
import { resolveLayerPaths } from "./layer-paths.ts";
import { emptyMerged, type Merged, mergeLayer } from "./merge.ts";
import { flagsTable, parseOverrides } from "./overrides.ts";
import { permissionWarning } from "./permission-warning.ts";
import { type ProjectFacts, readProjectLayers } from "./project-layers.ts";
import { restrictProjectTable } from "./project-restrictions.ts";
import { DEFAULT_ROOT_MARKERS } from "./project-root.ts";
import type { QuireConfig } from "./quire-config.ts";
import type { ConfigFile } from "./schema/config-file.ts";
import { copyTable, type Table } from "./table.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

/** Where an administrator's file is looked for on Unix. */
export const SYSTEM_CONFIG_FILE = "/etc/quire/config.toml";

export interface LoadConfigInput {
  /** As `resolveHome` gives it. It need not exist. */
  home: string;
  cwd: string;
  /** Only HOME (for `~/` in paths) and CODEX_HOME (to tell a home from a project folder) are read. */
  env: Env;
  /** Null for no system layer. */
  systemFile?: string | null;
  /** Explicit command-line flags, in the words of the file: `{ sandbox_mode: "read-only" }`. Undefined is unset. */
  flags?: Readonly<ConfigFile>;
  /** `key=value` arguments of `-c`. */
  overrides?: readonly string[];
  profile?: string | null;
  /** A permission profile that was chosen by hand: it counts whatever `default_permissions` and `sandbox_mode` say. */
  permissionProfile?: string | null;
  /** Passes over the user's file (and so over what it says about trust). */
  ignoreUserFile?: boolean;
  /** Makes every unknown key an error. */
  strict?: boolean;
  /** Trusts (or distrusts) the project for this load, whatever the user's file says. */
  trustProject?: boolean | null;
  fs?: ConfigFs;
}

export interface LoadedConfig {
  ok: true;
  config: QuireConfig;
  /** The merged layers in the words of the file; it may hold secrets. */
  effective: ConfigFile;
  warnings: ConfigWarning[];
  /** From lowest to highest. */
  layers: LayerReport[];
  /** By dotted key: where each leaf of `effective` was set. */
  origins: ReadonlyMap<string, ConfigOrigin>;
  project: ProjectFacts;
}

export type LoadConfigResult = LoadedConfig | { ok: false; error: ErrorInfo };

/** What one load gathers on its way. */
interface Load {
  input: LoadConfigInput;
  fs: ConfigFs;
  homedir: string | null;
  merged: Merged;
  layers: LayerReport[];
  warnings: ConfigWarning[];
  problems: ConfigProblem[];
  noticedKeys: Set<string>;
}

/**
 * Reads and joins all layers. Everything wrong with them comes back in one error; the files of a project never cause
 * one unless `strict` is set.
 */
export async function loadConfig(input: LoadConfigInput): Promise<LoadConfigResult> {
  try {
    return await load(input);
  } catch (error) {
    if (error instanceof CodedError) return { ok: false, error: error.info };
    throw error;
  }
}

/** Where an effective value was set: the origin of the key, or of the nearest table that was set as a whole. */
export function configOrigin(loaded: Pick<LoadedConfig, "origins">, key: string): ConfigOrigin | null {
  return loaded.origins.get(key) ?? null;
}

async function load(input: LoadConfigInput): Promise<LoadConfigResult> {
  const run: Load = {
    input,
    fs: input.fs ?? realFs,
    homedir: input.env.HOME || null,
    merged: emptyMerged(),
    layers: [{ kind: "default", file: null, status: "loaded", reason: null }],
    warnings: [],
    problems: [],
    noticedKeys: new Set(),
  };
  mergeLayer(run.merged, defaultTable(), { layer: "default", file: null });
  const cwd = (await realpathOrNull(run.fs, input.cwd)) ?? input.cwd;
  const userTrust = await addUserLayers(run);

  const overrides = prepare(run, commandLine("override", await parseOverrides(input.overrides ?? [])), cwd);
  const flags = prepare(run, commandLine("flag", flagsTable(flagsWith(input))), cwd);
  mergeTrust(userTrust, overrides);

  const markers = [flags, overrides, run.merged.table]
    .map((table) => table.project_root_markers)
    .find(Array.isArray);
  // Before projects are read: theirs may narrow what users chose, and takes the place of nothing.
  const usersModeIsSet =
    !input.permissionProfile &&
    ((configOrigin({ origins: run.merged.origins }, "sandbox_mode")?.layer ?? "default") !== "default" ||
      [overrides, flags].some((table) => table.sandbox_mode !== undefined));
  const project = await addProjectLayers(
    run,
    cwd,
    { userTable: userTrust.table, commandLine: overrides },
    markers?.map(String) ?? DEFAULT_ROOT_MARKERS,
  );
  addReport(run, "override", overrides);
  mergeLayer(run.merged, overrides, { layer: "override", file: null });
  addReport(run, "flag", flags);
  mergeLayer(run.merged, flags, { layer: "flag", file: null });

  const finished = finishConfig(run.merged, usersModeIsSet);
  run.problems.push(...finished.problems);
  run.warnings.push(...finished.warnings);
  if (run.problems.length > 0) return { ok: false, error: problemsError(run.problems) };
  return {
    ok: true,
    config: finished.config,
    effective: finished.effective,
    warnings: run.warnings,
    layers: run.layers,
    origins: run.merged.origins,
    project,
  };
}

function flagsWith({ flags = {}, permissionProfile }: LoadConfigInput): Readonly<ConfigFile> {
  return permissionProfile ? { ...flags, default_permissions: permissionProfile } : flags;
}

/** Merges system, user and profile; returns the trust that the user's own files express. */
async function addUserLayers(run: Load): Promise<Merged> {
  const { home, profile, systemFile } = run.input;
  const files: { kind: LayerKind; file: string }[] = [];
  if (systemFile) files.push({ kind: "system", file: systemFile });
  if (!run.input.ignoreUserFile) files.push({ kind: "user", file: join(home, "config.toml") });
  if (profile) files.push({ kind: "profile", file: profileFile(home, profile) });
  const reads = await Promise.all(files.map(({ file }) => readLayerFile(file, run.fs)));
  const own = emptyMerged();
  for (const [index, { kind, file }] of files.entries()) {
    const read = reads[index];
    if (read === undefined) continue;
    run.layers.push({
      kind,
      file,
      status: read.status,
      reason: read.status === "broken" ? read.reason : null,
    });
    if (read.status === "broken") run.problems.push({ kind: "invalid", message: read.reason });
    if (read.status === "absent" && kind === "profile") {
      run.problems.push({ kind: "invalid", message: `The profile ${profile} has no file ${file}.` });
    }
    if (read.status !== "loaded") continue;
    const table = prepare(run, { kind, file, source: read.source, table: read.table }, dirname(file));
    const warning = permissionWarning(file, read.mode, table);
    if (warning !== null) run.warnings.push(warning);
    mergeLayer(run.merged, table, { layer: kind, file });
    if (kind !== "system") mergeTrust(own, table);
  }
  return own;
}

function mergeTrust(trust: Merged, { projects }: Table): void {
  if (projects !== undefined) mergeLayer(trust, { projects }, { layer: "user", file: null });
}

async function addProjectLayers(
  run: Load,
  cwd: string,
  trust: { userTable: Table; commandLine: Table },
  rootMarkers: readonly string[],
): Promise<ProjectFacts> {
  const { env, home, trustProject } = run.input;
  const homes = [home, env.CODEX_HOME];
  if (run.homedir !== null) homes.push(join(run.homedir, ".quire"), join(run.homedir, ".codex"));
  const found = await readProjectLayers({
    cwd,
    rootMarkers,
    ...trust,
    home,
    trustProject: trustProject ?? null,
    homes: homes.flatMap((path) => path || []),
    fs: run.fs,
  });
  run.layers.push(...found.reports);
  if (run.input.strict) {
    const broken = found.warnings.filter((warning) => warning.code === "project_config_broken");
    run.problems.push(...broken.map(({ message }): ConfigProblem => ({ kind: "invalid", message })));
  }
  run.warnings.push(...found.warnings);
  const base = found.contents.length > 0 ? copyTable(run.merged.table) : {};
  for (const content of found.contents) await addProjectLayer(run, content, base, found.facts.root ?? cwd);
  return found.facts;
}

async function addProjectLayer(run: Load, content: LayerContent, base: Table, root: string): Promise<void> {
  const checked = prepare(run, content, dirname(content.file ?? root), false);
  const { table, ignored } = await restrictProjectTable(checked, { base, root, fs: run.fs });
  for (const { path, reason } of ignored) {
    const key = formatKeyPath(path);
    const message = `${placeOf(content, path)}: ${key} is ignored in a project's file: ${reason}.`;
    const line = lineIn(content, path);
    run.warnings.push(configWarning("project_key_ignored", message, { file: content.file, line, key }));
  }
  run.warnings.push(...statusWarnings(content, table, run.noticedKeys));
  mergeLayer(run.merged, table, { layer: "project", file: content.file });
}

/** Checks a layer, notes what is wrong with it and gives back what is good, with its paths made absolute. */
function prepare(run: Load, layer: LayerContent, base: string, withStatus = true): Table {
  if (Object.keys(layer.table).length === 0) return {};
  const mode = run.input.strict ? "strict" : layer.kind === "project" ? "lenient" : "normal";
  const { table, problems, warnings } = checkLayer(layer, mode);
  run.problems.push(...problems);
  run.warnings.push(...warnings);
  if (withStatus) run.warnings.push(...statusWarnings(layer, table, run.noticedKeys));
  resolveLayerPaths(table, base, run.homedir);
  return table;
}

function commandLine(kind: "override" | "flag", table: Table): LayerContent {
  return { kind, file: null, source: null, table };
}

function addReport(run: Load, kind: "override" | "flag", table: Table): void {
  const status = Object.keys(table).length > 0 ? "loaded" : "absent";
  run.layers.push({ kind, file: null, status, reason: null });
}

/** @throws CodedError `usage_invalid` for a name that could lead out of the home */
function profileFile(home: string, profile: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(profile)) return join(home, `${profile}.config.toml`);
  throw new CodedError("usage_invalid", `"${profile.slice(0, 80)}" is not a profile name.`, {
    nextStep:
      "Use letters, digits, dots, - and _; the profile fast is the file fast.config.toml in the Quire home.",
  });
}

function problemsError(problems: readonly ConfigProblem[]): ErrorInfo {
  const lines = problems.map((problem) => escapeInvisible(problem.message));
  const isUnknownOnly = problems.every((problem) => problem.kind === "unknown");
  return {
    code: isUnknownOnly ? "config_unknown_key" : "config_invalid",
    message:
      lines.length === 1
        ? lines.join("")
        : `The configuration has ${lines.length} problems:\n${lines.map((l) => `- ${l}`).join("\n")}`,
    retryable: false,
    next_step: isUnknownOnly
      ? "Correct or remove these keys, or run without --strict-config."
      : "Correct these places and start again.",
  };
}
