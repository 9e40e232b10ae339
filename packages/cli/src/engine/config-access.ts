import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { ConfigAccess } from "@quire/app-server";
import {
  type ConfigOrigin,
  configOrigin,
  type LoadedConfig,
  parseKeyPath,
  parseToml,
  setConfigValue,
  type TomlValue,
} from "@quire/config";
import { CodedError } from "@quire/protocol";
import type {
  ConfigBatchWriteParams,
  ConfigEdit,
  ConfigLayer,
  ConfigLayerMetadata,
  ConfigReadResponse,
  ConfigWriteResponse,
} from "@quire/protocol/app-server";
import { type EngineBase, readConfig } from "./thread-config.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Reads the configuration with its origins, and changes the user's own file. */
export function configAccess(base: EngineBase): ConfigAccess {
  return {
    async read({ cwd, includeLayers }) {
      const loaded = await readConfig(base, cwd ?? base.system.cwd, []);
      return readResponse(base, loaded, includeLayers);
    },
    write: (request) => write(base, request),
  };
}

async function readResponse(
  base: EngineBase,
  loaded: LoadedConfig,
  includeLayers: boolean,
): Promise<ConfigReadResponse> {
  const config = withoutSecrets(loaded.effective);
  const origins: ConfigReadResponse["origins"] = {};
  for (const [key, origin] of loaded.origins) {
    if (origin.layer === "default" || valueAt(config, parseKeyPath(key)) === undefined) continue;
    origins[key] = layerMetadata(base, origin);
  }
  return { config, origins, layers: includeLayers ? await layersOf(base, loaded) : null };
}

/** What each layer holds by itself, lowest first, whether or not another one outranks it. */
async function layersOf(base: EngineBase, loaded: LoadedConfig): Promise<ConfigLayer[]> {
  const layers: ConfigLayer[] = [];
  for (const { kind, file, status, reason } of loaded.layers) {
    if (kind === "default" || status === "absent") continue;
    const config = file === null ? ofCommandLine(loaded, kind) : await ofFile(file);
    if (file === null && Object.keys(config).length === 0) continue;
    const disabledReason = status === "loaded" ? null : (reason ?? status);
    layers.push({
      ...layerMetadata(base, { layer: kind, file }),
      config: withoutSecrets(config),
      disabledReason,
    });
  }
  return layers;
}

async function ofFile(file: string): Promise<object> {
  const parsed = await parseToml(readOrNull(file) ?? "");
  return parsed.ok ? parsed.table : {};
}

/** Flags and `-c` are above every file, so what they say is what counts. */
function ofCommandLine(loaded: LoadedConfig, kind: ConfigOrigin["layer"]): object {
  const config: Record<string, unknown> = {};
  for (const [key, origin] of loaded.origins) {
    const value = origin.layer === kind ? valueAt(loaded.effective, parseKeyPath(key)) : undefined;
    if (value !== undefined) config[key] = value;
  }
  return config;
}

function valueAt(table: unknown, keyPath: readonly string[]): unknown {
  let value = table;
  for (const key of keyPath) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function layerMetadata(base: EngineBase, { layer, file }: ConfigOrigin): ConfigLayerMetadata {
  const version = file === null ? "none" : versionOf(file);
  switch (layer) {
    case "system":
      return { name: { type: "system", file: file ?? "" }, version };
    case "user":
      return { name: { type: "user", file: file ?? userFile(base), profile: null }, version };
    case "profile":
      return {
        name: { type: "user", file: file ?? "", profile: path.basename(file ?? "", ".config.toml") },
        version,
      };
    case "project":
      return { name: { type: "project", dotCodexFolder: path.dirname(file ?? "") }, version };
    default:
      return { name: { type: "sessionFlags" }, version };
  }
}

async function write(base: EngineBase, request: ConfigBatchWriteParams): Promise<ConfigWriteResponse> {
  const file = userFile(base);
  if (request.filePath != null && path.resolve(request.filePath) !== file) {
    throw new CodedError("usage_invalid", `only ${file} can be written, not ${request.filePath}`);
  }
  if (request.expectedVersion != null && request.expectedVersion !== versionOf(file)) {
    throw new CodedError("usage_invalid", `${file} was changed by somebody else since it was read`, {
      nextStep: "Read the configuration again and repeat the change on what it says now.",
      retryable: true,
    });
  }
  const before = readOrNull(file);
  try {
    for (const edit of request.edits) await applyEdit(file, edit);
    const loaded = await readConfig(base, base.system.cwd, []);
    return { ...overridden(base, loaded, request.edits, file), version: versionOf(file), filePath: file };
  } catch (thrown) {
    // A file that cannot be loaded any more would stop every later run: the old one comes back.
    if (before === null) fs.rmSync(file, { force: true });
    else fs.writeFileSync(file, before, { mode: 0o600 });
    throw thrown;
  }
}

async function applyEdit(file: string, { keyPath, value, mergeStrategy }: ConfigEdit): Promise<void> {
  const key = parseKeyPath(keyPath);
  if (mergeStrategy === "upsert" && isTable(value)) {
    for (const [name, inner] of Object.entries(value)) {
      await setConfigValue(file, [...key, name], tomlValue(inner, keyPath));
    }
    return;
  }
  await setConfigValue(file, key, value === null ? null : tomlValue(value, keyPath));
}

function tomlValue(value: unknown, keyPath: string): TomlValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((entry) => tomlValue(entry, keyPath));
  if (isTable(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tomlValue(inner, keyPath)]));
  }
  throw new CodedError(
    "config_invalid",
    `the value for ${keyPath} cannot be written to a configuration file`,
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says so when a higher layer hides what was just written. */
function overridden(
  base: EngineBase,
  loaded: LoadedConfig,
  edits: readonly ConfigEdit[],
  file: string,
): Pick<ConfigWriteResponse, "status" | "overriddenMetadata"> {
  for (const { keyPath, value } of edits) {
    const origin = configOrigin(loaded, keyPath);
    if (value === null || origin === null || origin.file === file || origin.layer === "default") continue;
    const effectiveValue = valueAt(withoutSecrets(loaded.effective), parseKeyPath(keyPath));
    const message = `${keyPath} is set by a higher layer (${origin.file ?? origin.layer}), which counts.`;
    const overridingLayer = layerMetadata(base, origin);
    return { status: "okOverridden", overriddenMetadata: { message, overridingLayer, effectiveValue } };
  }
  return { status: "ok", overriddenMetadata: null };
}

function userFile({ home }: EngineBase): string {
  return path.join(home, "config.toml");
}

function versionOf(file: string): string {
  return `sha256:${createHash("sha256")
    .update(readOrNull(file) ?? "")
    .digest("hex")}`;
}

function readOrNull(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}
