import fs from "node:fs";
import path from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { openKeyStore } from "./key-store.ts";
import { type OpenKeyring, systemKeyring } from "./system-keyring.ts";

/** A keyring in memory, in the place of the session's. */
function memoryKeyring(): { open: OpenKeyring; secrets: Map<string, string> } {
  const secrets = new Map<string, string>();
  return {
    secrets,
    open: (account) => ({
      read: () => secrets.get(account) ?? null,
      write: (secret) => void secrets.set(account, secret),
      remove: () => secrets.delete(account),
    }),
  };
}

const noKeyring: OpenKeyring = () => {
  throw new Error("no secret service runs here");
};

test("the file is private, and gone after a logout", async () => {
  await using home = await temporaryDirectory("quire-keys-");
  const store = openKeyStore(home.path, "file", noKeyring);
  const file = path.join(home.path, "auth.json");
  expect(store.read()).toBe(null);
  expect(store.write("sk-1")).toEqual({ place: file, fallback: null });
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(store.read()).toEqual({ key: "sk-1", place: file });
  expect([store.remove(), store.remove(), store.read(), store.keyring()]).toEqual([true, false, null, null]);
});

test.each(["keyring", "auto"] as const)("%s: the keyring holds the key, one for each home", async (kind) => {
  await using home = await temporaryDirectory("quire-keys-");
  const keyring = memoryKeyring();
  openKeyStore(home.path, "file").write("an older one");
  const store = openKeyStore(home.path, kind, keyring.open);
  expect(store.write("sk-1")).toEqual({ place: "the keyring of your session", fallback: null });
  expect(fs.readdirSync(home.path)).toEqual([]);
  expect(store.read()).toEqual({ key: "sk-1", place: "the keyring of your session" });
  expect(openKeyStore(`${home.path}-other`, kind, keyring.open).read()).toBe(null);
  expect([store.keyring(), store.remove(), keyring.secrets.size]).toEqual([
    { usable: true, why: "" },
    true,
    0,
  ]);
});

test("auto falls back to the file and says why; keyring is an error with a next step", async () => {
  await using home = await temporaryDirectory("quire-keys-");
  const auto = openKeyStore(home.path, "auto", noKeyring);
  const file = path.join(home.path, "auth.json");
  expect(auto.write("sk-1")).toEqual({ place: file, fallback: "no secret service runs here" });
  expect(auto.read()).toEqual({ key: "sk-1", place: file });
  const strict = openKeyStore(home.path, "keyring", noKeyring);
  const unusable = expect.objectContaining({ code: "config_invalid" });
  expect(() => strict.write("sk-2")).toThrow(unusable);
  expect(() => strict.read()).toThrow(unusable);
  expect(strict.keyring()).toEqual({ usable: false, why: "no secret service runs here" });
  expect(auto.remove()).toBe(true);
});

test("ephemeral keeps nothing", async () => {
  await using home = await temporaryDirectory("quire-keys-");
  const store = openKeyStore(home.path, "ephemeral");
  expect(() => store.write("sk-1")).toThrow(expect.objectContaining({ code: "usage_invalid" }));
  expect([store.read(), fs.readdirSync(home.path)]).toEqual([null, []]);
});

// Elsewhere the keyring is no matter of a bus.
test.runIf(process.platform === "linux")("without a session bus the real keyring says so", () => {
  const bus = process.env.DBUS_SESSION_BUS_ADDRESS;
  process.env.DBUS_SESSION_BUS_ADDRESS = "unix:path=/nowhere/bus";
  try {
    expect(() => systemKeyring("nobody").read()).toThrow();
  } finally {
    if (bus === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
    else process.env.DBUS_SESSION_BUS_ADDRESS = bus;
  }
});
