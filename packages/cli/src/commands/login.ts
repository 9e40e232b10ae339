import { loadConfig, resolveHome } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { type KeyStore, openKeyStore } from "../session/model/key-store.ts";
import { MAX_KEY_LENGTH, requireKey } from "../session/model/one-key.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Keep an API key for models.

Usage: printenv OPENAI_API_KEY | quire login --with-api-key
       quire login status

  --with-api-key       read the key from stdin and keep it
  -c, --config K=V     override a configuration value for this command; may be repeated

Where it is kept is cli_auth_credentials_store in config.toml: file (auth.json of the Quire home, readable by you only;
without the setting: this), keyring (of your session), auto (the keyring, else the file) or ephemeral (nowhere).

OPENAI_API_KEY and CODEX_API_KEY outrank the kept key. Other providers name their own variable (env_key in config.toml).
login status: exit code 0 when a key is there, 1 otherwise. The key itself is never shown.
`;

const KEY_VARIABLES = ["CODEX_API_KEY", "OPENAI_API_KEY"];

/** `quire login`. */
export async function runLogin(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("login", argv, {
    "with-api-key": { type: "boolean" },
    "with-access-token": { type: "boolean" },
    "device-auth": { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides: values.config ?? [] });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const store = openKeyStore(home, loaded.config.authStore);
  if (positionals[0] === "status") return status(store, system);
  if (positionals.length > 0) throw wrongUse("login", `there is no login ${JSON.stringify(positionals[0])}`);
  if (values["with-access-token"] || values["device-auth"]) {
    throw wrongUse("login", "there are no accounts here, only API keys: use --with-api-key");
  }
  if (!values["with-api-key"]) throw wrongUse("login", "say how: quire login --with-api-key");
  const { place, fallback } = store.write(await readKey(system));
  if (fallback !== null) {
    system.stderr.write(`! the keyring cannot be used (${visibleLine(fallback)}), so the file is\n`);
  }
  system.stderr.write(`The key is kept in ${place}. It is tried when a request is sent.\n`);
  return EXIT.done;
}

function status(store: KeyStore, system: System): number {
  const variable = KEY_VARIABLES.find((name) => system.env[name]);
  if (variable !== undefined) {
    system.stdout.write(`An API key is set in the environment variable ${variable}.\n`);
    return EXIT.done;
  }
  const kept = store.read();
  if (kept === null) {
    system.stdout.write("Not logged in.\n");
    return EXIT.failed;
  }
  system.stdout.write(`An API key is kept in ${kept.place}.\n`);
  return EXIT.done;
}

async function readKey(system: System): Promise<string> {
  if (system.stdin.isTTY) {
    throw wrongUse("login", "the key is read from a pipe, so that it is in no history and on no screen");
  }
  let text = "";
  for await (const chunk of system.stdin) {
    text += String(chunk);
    if (text.length > MAX_KEY_LENGTH) break;
  }
  return requireKey(text, {
    where: "on stdin",
    nextStep: "printenv OPENAI_API_KEY | quire login --with-api-key",
  });
}
