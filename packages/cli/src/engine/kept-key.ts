import { openKeyStore } from "../session/model/key-store.ts";
import { requireKey } from "../session/model/one-key.ts";
import { type EngineBase, readConfig } from "./thread-config.ts";

/** Keeps an API key as `quire login` does. Fails with `usage_invalid` for what is no key. */
export async function keepKey(base: EngineBase, apiKey: string): Promise<void> {
  const key = requireKey(apiKey, {
    where: "as apiKey",
    nextStep: 'Send {"type":"apiKey","apiKey":"…"}.',
  });
  (await storeOf(base)).write(key);
}

/** Forgets it as `quire logout` does. */
export async function forgetKey(base: EngineBase): Promise<void> {
  (await storeOf(base)).remove();
}

async function storeOf(base: EngineBase) {
  const { config } = await readConfig(base, base.system.cwd, []);
  return openKeyStore(base.home, config.authStore);
}
