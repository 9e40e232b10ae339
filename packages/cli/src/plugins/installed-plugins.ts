import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { folderManifest } from "@quire/config";
import { visibleLine } from "@quire/protocol";
import * as z from "zod/mini";
import { type PluginContents, readPlugin } from "./plugin-manifest.ts";

const RecordSchema = z.object({
  plugins: z.record(
    z.string(),
    z.object({
      source: z.string(),
      commit: z.nullable(z.string()),
      sha256: z.string(),
      enabled: z.boolean(),
    }),
  ),
});
type PluginRecord = z.infer<typeof RecordSchema>;

/** A plugin as it is on the disk now. */
export interface InstalledPlugin {
  readonly id: string;
  readonly folder: string;
  readonly source: string;
  readonly commit: string | null;
  /** Only `active` ones contribute. `changed`: it is not as it was when it was installed or last enabled. */
  readonly state: "active" | "disabled" | "changed" | "broken";
  readonly contents: PluginContents | null;
  /** For the user, where it does not contribute although it is enabled. */
  readonly message: string | null;
}

export function pluginsFolder(home: string): string {
  return path.join(home, "plugins");
}

/** Every installed plugin. Its content is compared with what was pinned each time, so a change has no effect unseen. */
export function readInstalledPlugins(home: string): InstalledPlugin[] {
  if (!fs.existsSync(recordFile(home))) return [];
  return Object.entries(readPluginRecord(home).plugins).map(([id, { source, commit, sha256, enabled }]) => {
    const folder = path.join(pluginsFolder(home), id);
    const about = { id, folder, source, commit };
    const read = readPlugin(folder);
    const contents = read.ok ? read.plugin : null;
    if (!enabled) return { ...about, contents, state: "disabled", message: null };
    const name = `The plugin ${visibleLine(id)}`;
    if (!read.ok) {
      return {
        ...about,
        contents,
        state: "broken",
        message: `${name} is not used: ${visibleLine(read.message)}.`,
      };
    }
    if (pinOf(folder) !== sha256) {
      const message = `${name} is not used: ${visibleLine(folder)} is not as it was when you installed it. Look at it, then trust it as it is: quire plugins enable ${visibleLine(id)}`;
      return { ...about, contents, state: "changed", message };
    }
    return { ...about, contents, state: "active", message: null };
  });
}

/** The hash by which a plugin's folder is pinned; null when the folder cannot be pinned. */
export function pinOf(folder: string): string | null {
  const manifest = folderManifest(folder);
  return manifest.ok ? createHash("sha256").update(manifest.text).digest("hex") : null;
}

export function readPluginRecord(home: string): PluginRecord {
  try {
    const parsed = z.safeParse(RecordSchema, JSON.parse(fs.readFileSync(recordFile(home), "utf8")));
    return parsed.success ? parsed.data : { plugins: {} };
  } catch {
    // None was installed yet, or the record is damaged: then none is trusted.
    return { plugins: {} };
  }
}

export function writePluginRecord(home: string, record: PluginRecord): void {
  const file = recordFile(home);
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

function recordFile(home: string): string {
  return path.join(pluginsFolder(home), "installed.json");
}
