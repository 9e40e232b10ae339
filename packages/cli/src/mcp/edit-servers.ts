import path from "node:path";
import { loadConfig, resolveHome, setConfigValue, type TomlValue } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";

/** Names that are safe in a TOML key and in the names of the server's tools. */
const SERVER_NAME = /^[A-Za-z0-9_-]+$/;

/** `quire mcp add`. Replaces a server of the same name, as Codex does. */
export async function addServer(argv: readonly string[], system: System): Promise<number> {
  const end = argv.indexOf("--");
  const { values, positionals } = parseWords("mcp", end === -1 ? argv : argv.slice(0, end), {
    env: { type: "string", multiple: true },
    url: { type: "string" },
    "bearer-token-env-var": { type: "string" },
    config: { type: "string", short: "c", multiple: true },
  });
  // Without `--` the command is what follows the name, when none of its words looks like an option of ours.
  const [name, ...words] = positionals;
  const command = [...words, ...(end === -1 ? [] : argv.slice(end + 1))];
  if (name === undefined || !SERVER_NAME.test(name)) {
    throw wrongUse("mcp", `${JSON.stringify(name ?? "")} is no name: use letters, digits, - and _`);
  }
  const server = serverTable({
    command,
    url: values.url,
    token: values["bearer-token-env-var"],
    env: values.env,
  });
  const home = await resolveHome(system.env, system.homeDir);
  const file = path.join(home, "config.toml");
  if (await isInFile(home, system, name)) await setConfigValue(file, ["mcp_servers", name], null);
  for (const [key, value] of Object.entries(server)) {
    await setConfigValue(file, ["mcp_servers", name, key], value);
  }
  system.stdout.write(`Added the MCP server ${name} to ${file}.\n`);
  return EXIT.done;
}

/** `quire mcp remove`. A server that is not there is no error, but it is said. */
export async function removeServer(argv: readonly string[], system: System): Promise<number> {
  const { positionals } = parseWords("mcp", argv, { config: { type: "string", short: "c", multiple: true } });
  const [name, extra] = positionals;
  if (name === undefined || extra !== undefined) throw wrongUse("mcp", "give one name");
  const home = await resolveHome(system.env, system.homeDir);
  const file = path.join(home, "config.toml");
  if (!(await isInFile(home, system, name))) {
    system.stdout.write(`There is no MCP server ${JSON.stringify(name)} in ${file}.\n`);
    return EXIT.done;
  }
  await setConfigValue(file, ["mcp_servers", name], null);
  system.stdout.write(`Removed the MCP server ${name} from ${file}.\n`);
  return EXIT.done;
}

function serverTable(words: {
  command: readonly string[];
  url: string | undefined;
  token: string | undefined;
  env: readonly string[] | undefined;
}): Record<string, TomlValue> {
  const { command, url, token, env = [] } = words;
  const [program, ...args] = command;
  if ((url === undefined) === (program === undefined)) {
    throw wrongUse("mcp", "give either --url URL or a command behind --");
  }
  if (url !== undefined) {
    if (env.length > 0) throw wrongUse("mcp", "--env goes with a command, not with --url");
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw wrongUse("mcp", `${JSON.stringify(url)} is no http or https URL`);
    }
    return { url, ...(token === undefined ? {} : { bearer_token_env_var: token }) };
  }
  if (token !== undefined) throw wrongUse("mcp", "--bearer-token-env-var goes with --url");
  const pairs = env.map((word) => {
    const [, key, value] = word.match(/^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s) ?? [];
    if (key === undefined || value === undefined) {
      throw wrongUse("mcp", `--env ${JSON.stringify(word)} is not KEY=VALUE`);
    }
    return [key, value] as const;
  });
  return {
    command: program ?? "",
    ...(args.length === 0 ? {} : { args }),
    ...(pairs.length === 0 ? {} : { env: Object.fromEntries(pairs) }),
  };
}

async function isInFile(home: string, system: System, name: string): Promise<boolean> {
  // Outside of any project only the home's own file counts.
  const loaded = await loadConfig({ home, cwd: home, env: system.env, trustProject: false }).catch(
    () => null,
  );
  if (loaded === null) return false;
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  return name in loaded.config.mcpServers;
}
