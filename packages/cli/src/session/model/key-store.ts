import type { QuireConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { readStoredKey, removeStoredKey, storedKeyFile, writeStoredKey } from "./stored-key.ts";
import { type OpenKeyring, systemKeyring } from "./system-keyring.ts";

export type KeyStoreKind = QuireConfig["authStore"];

export interface KeptKey {
  key: string;
  /** Where it is kept, in words. */
  place: string;
}

/** Where `quire login` keeps the API key. */
export interface KeyStore {
  read(): KeptKey | null;
  /** Returns where it is now; `fallback` says why it is not in the keyring, where that was the first choice. */
  write(key: string): { place: string; fallback: string | null };
  /** False when there was none. */
  remove(): boolean;
  /** Whether the keyring can be used; null when it is not asked for. */
  keyring(): { usable: boolean; why: string } | null;
}

const KEYRING_PLACE = "the keyring of your session";

/**
 * `file` is auth.json in the home, readable by its owner only. `keyring` is the keyring or an error. `auto` is the keyring
 * where there is one and else the file. `ephemeral` keeps nothing.
 */
export function openKeyStore(
  home: string,
  kind: KeyStoreKind,
  openKeyring: OpenKeyring = systemKeyring,
): KeyStore {
  const file: KeyStore = {
    read: () => {
      const key = readStoredKey(home);
      return key === null ? null : { key, place: storedKeyFile(home) };
    },
    write: (key) => {
      writeStoredKey(home, key);
      return { place: storedKeyFile(home), fallback: null };
    },
    remove: () => removeStoredKey(home),
    keyring: () => null,
  };
  if (kind === "file") return file;
  if (kind === "ephemeral") {
    return {
      ...file,
      read: () => null,
      write: () => {
        throw new CodedError("usage_invalid", 'cli_auth_credentials_store = "ephemeral" keeps no key', {
          nextStep: "Set OPENAI_API_KEY for the run, or choose file, keyring or auto.",
        });
      },
    };
  }
  return keyringStore(file, kind, () => openKeyring(`api-key ${home}`));
}

function keyringStore(
  file: KeyStore,
  kind: "keyring" | "auto",
  open: () => ReturnType<OpenKeyring>,
): KeyStore {
  const reason = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown));
  const attempt = <T>(use: () => T): { ok: true; value: T } | { ok: false; why: string } => {
    try {
      return { ok: true, value: use() };
    } catch (thrown) {
      return { ok: false, why: reason(thrown).split("\n")[0] ?? "" };
    }
  };
  const unusable = (why: string) =>
    new CodedError("config_invalid", `the keyring of your session cannot be used (${why})`, {
      nextStep:
        'Start a secret service, or set cli_auth_credentials_store = "auto" or "file" to keep the key in a private file.',
    });
  return {
    read() {
      const found = attempt(() => open().read());
      if (found.ok && found.value !== null && found.value !== "") {
        return { key: found.value, place: KEYRING_PLACE };
      }
      if (!found.ok && kind === "keyring") throw unusable(found.why);
      return kind === "auto" ? file.read() : null;
    },
    write(key) {
      const written = attempt(() => open().write(key));
      if (written.ok) {
        // An older copy in the file would outlive a logout, and stay readable.
        file.remove();
        return { place: KEYRING_PLACE, fallback: null };
      }
      if (kind === "keyring") throw unusable(written.why);
      return { ...file.write(key), fallback: written.why };
    },
    remove() {
      const removed = attempt(() => open().remove());
      const fromFile = file.remove();
      if (!removed.ok && !fromFile && kind === "keyring") throw unusable(removed.why);
      return fromFile || (removed.ok && removed.value);
    },
    keyring() {
      const found = attempt(() => open().read());
      return found.ok ? { usable: true, why: "" } : { usable: false, why: found.why };
    },
  };
}
