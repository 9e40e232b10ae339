import { createRequire } from "node:module";

/** One secret in the keyring of the user's session. Every method throws when the keyring cannot be used. */
export interface KeyringEntry {
  read(): string | null;
  write(secret: string): void;
  /** False when there was none. */
  remove(): boolean;
}

/** Opens the entry of an account; throws where there is no keyring. */
export type OpenKeyring = (account: string) => KeyringEntry;

const SERVICE = "Quire";
/** The kernel's own keyring, which the library would fall back to, forgets everything with the next start. */
const OPTIONS = { linux: { store: "secret-service" } } as const;

/**
 * macOS Keychain, Windows Credential Manager or the Secret Service. The library has a native part and is an optional
 * dependency: it is loaded when it is used, and only then can it turn out to be missing.
 */
export const systemKeyring: OpenKeyring = (account) => {
  const require = createRequire(import.meta.url);
  const { Entry }: typeof import("@napi-rs/keyring") = require("@napi-rs/keyring");
  const entry = new Entry(SERVICE, account, OPTIONS);
  return {
    read: () => entry.getPassword(),
    write: (secret) => entry.setPassword(secret),
    remove: () => entry.getPassword() !== null && entry.deletePassword(),
  };
};
