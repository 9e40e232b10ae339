import { resolveHome } from "@quire/config";
import { EXIT } from "../exit-code.ts";
import { removeStoredKey } from "../session/stored-key.ts";
import type { System } from "../system.ts";
import { parseWords } from "../words.ts";

/** `quire logout`: forgets the key that `quire login` kept. */
export async function runLogout(argv: readonly string[], system: System): Promise<number> {
  const { values } = parseWords("logout", argv, { help: { type: "boolean", short: "h" } });
  if (values.help) {
    system.stdout.write("Forget the API key that quire login kept.\n\nUsage: quire logout\n");
    return EXIT.done;
  }
  const home = await resolveHome(system.env, system.homeDir);
  system.stdout.write(removeStoredKey(home) ? "The kept key is removed.\n" : "Not logged in.\n");
  return EXIT.done;
}
