import { type McpServerConfig, normaliseMcpServer } from "@quire/config";
import type { HookOrigin, SkillRoot } from "@quire/core";
import { readInstalledPlugins } from "./installed-plugins.ts";
import type { PluginServer } from "./plugin-manifest.ts";

/** What the active plugins add to a session. */
export interface PluginContributions {
  readonly skillRoots: readonly SkillRoot[];
  readonly hookFiles: readonly HookOrigin[];
  /** By the name under which they are called. */
  readonly promptFiles: readonly { prefix: string; file: string }[];
  readonly servers: Readonly<Record<string, McpServerConfig>>;
  readonly folders: readonly string[];
  readonly warnings: readonly { code: string; message: string }[];
}

/** Looks at what is installed now. Costs one look where nothing is. */
export function pluginContributions(home: string): PluginContributions {
  const plugins = readInstalledPlugins(home);
  const active = plugins.flatMap((plugin) =>
    plugin.state === "active" && plugin.contents !== null ? [{ ...plugin, contents: plugin.contents }] : [],
  );
  return {
    skillRoots: active.flatMap(({ id, contents }) =>
      contents.skillFolders.map(
        (folder): SkillRoot => ({ folder, scope: "user", pluginId: id, prefix: `${id}:`, inside: null }),
      ),
    ),
    hookFiles: active.flatMap(({ id, folder, contents }) =>
      contents.hookFiles.map(
        (file): HookOrigin => ({ kind: "plugin", file, pluginId: id, pluginRoot: folder }),
      ),
    ),
    promptFiles: active.flatMap(({ id, contents }) =>
      contents.promptFiles.map((file) => ({ prefix: `${id}:`, file })),
    ),
    servers: Object.fromEntries(
      active.flatMap(({ id, folder, contents }) =>
        Object.entries(contents.servers).flatMap(([name, server]) => {
          const config = serverConfig(`${id}-${name}`.replace(/[^\w-]/g, "_"), server, folder);
          return config === null ? [] : [[config.id, config] as const];
        }),
      ),
    ),
    folders: active.map(({ folder }) => folder),
    warnings: plugins.flatMap(({ message, state }) =>
      message === null ? [] : [{ code: `plugin_${state}`, message }],
    ),
  };
}

/** As if it stood in the user's config.toml, but always in the sandbox: what it may reach, the session decides. */
function serverConfig(id: string, server: PluginServer, folder: string): McpServerConfig | null {
  const { command, args, env, cwd = folder, url, headers } = server;
  if (command !== undefined) return normaliseMcpServer({ command, args, env, cwd }, id);
  if (url === undefined || !/^https?:\/\//.test(url)) return null;
  return normaliseMcpServer({ url, http_headers: headers }, id);
}
