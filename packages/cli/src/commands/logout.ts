import { loadConfig, resolveHome } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { openKeyStore } from "../session/model/key-store.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp } from "../words.ts";

/** `quire logout`: forgets the key that `quire login` kept. */
export async function runLogout(argv: readonly string[], system: System): Promise<number> {
  const { values } = parseWords("logout", argv, {
    config: { type: "string", short: "c", multiple: true },
    help: { type: "boolean", short: "h" },
  });
  if (values.help)
    return showHelp("Forget the API key that quire login kept.\n\nUsage: quire logout\n", system);
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides: values.config ?? [] });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const removed = openKeyStore(home, loaded.config.authStore).remove();
  system.stdout.write(removed ? "The kept key is removed.\n" : "Not logged in.\n");
  return EXIT.done;
}
