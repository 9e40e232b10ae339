import { resolveHome } from "@quire/config";
import { visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { type InstalledPlugin, readInstalledPlugins } from "../plugins/installed-plugins.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Plugins: folders with skills, hooks, saved prompts and MCP servers, as Codex and Claude Code have them.

Usage: quire plugins list [--json]
       quire plugins install FOLDER-OR-GIT[#FOLDER] [--plugin NAME] [--ref BRANCH-OR-TAG]
       quire plugins enable | disable | remove NAME…

install copies a plugin into the Quire home and notes the commit and a hash of all it holds; --plugin chooses from a
marketplace. When something in it changes, it is not used until enable trusts it as it is.
`;

/** `quire plugins`. */
export async function runPlugins(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("plugins", argv, {
    json: { type: "boolean" },
    plugin: { type: "string" },
    ref: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const [action, ...words] = positionals;
  if (action === "list") return list(home, values.json ?? false, system);
  const { installPlugin, removePlugin, setPluginEnabled } = await import("../plugins/change-plugins.ts");
  const [source] = words;
  if (source === undefined)
    throw wrongUse("plugins", "say list, or install, enable, disable or remove and which");
  if (action === "install") {
    const request = { source, ref: values.ref ?? null, plugin: values.plugin ?? null };
    const id = await installPlugin(request, { system, home });
    const plugin = readInstalledPlugins(home).find((each) => each.id === id);
    system.stdout.write(`${id} installed\n${plugin === undefined ? "" : brings(plugin)}`);
    return EXIT.done;
  }
  for (const id of words) {
    if (action === "remove") removePlugin(id, home);
    else if (action === "enable" || action === "disable") setPluginEnabled(id, action === "enable", home);
    else throw wrongUse("plugins", "say list, install, enable, disable or remove");
    system.stdout.write(`${visibleLine(id)} ${action}d\n`);
  }
  return EXIT.done;
}

function list(home: string, json: boolean, system: System): number {
  const plugins = readInstalledPlugins(home);
  if (json) {
    system.stdout.write(`${JSON.stringify(plugins, null, 2)}\n`);
    return EXIT.done;
  }
  for (const plugin of plugins) {
    const { id, state, source, commit, contents, message } = plugin;
    const version = contents?.version ? ` ${visibleLine(contents.version)}` : "";
    system.stdout.write(
      `${id}${version}  ${state}\n  from ${visibleLine(source)}${commit ? ` at ${commit.slice(0, 12)}` : ""}\n`,
    );
    system.stdout.write(brings(plugin));
    if (message !== null) system.stderr.write(`${message}\n`);
  }
  if (plugins.length === 0) system.stdout.write("No plugins. See: quire plugins --help\n");
  return EXIT.done;
}

function brings({ contents }: InstalledPlugin): string {
  if (contents === null) return "";
  const { skillFolders, promptFiles, hookFiles, servers } = contents;
  const what = [
    ...(skillFolders.length > 0 ? ["skills"] : []),
    ...(promptFiles.length > 0 ? [`${promptFiles.length} prompts`] : []),
    ...(hookFiles.length > 0 ? ["hooks, which run as you"] : []),
    ...Object.entries(servers).map(
      ([id, server]) => `MCP server ${id} (${server.command ?? server.url ?? ""})`,
    ),
  ];
  return `  brings ${visibleLine(what.join("; ") || "nothing that is used here")}\n`;
}
