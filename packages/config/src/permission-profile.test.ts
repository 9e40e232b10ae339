import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { loadConfig } from "./load-config.ts";

async function load(text: string, overrides: string[] = []) {
  await using tree = await temporaryTree({ "home/config.toml": text });
  return await loadConfig({ home: tree.path("home"), cwd: tree.root, env: {}, overrides });
}

/** What commands may reach under a configuration. */
async function reach(text: string, overrides?: string[]) {
  const loaded = await load(text, overrides);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const { network, workspaceWrite } = loaded.config;
  const { enabled, allow, deny } = network;
  return { open: workspaceWrite.networkAccess, rules: enabled, allow, deny };
}

const WEB = `
default_permissions = "web"
[permissions.base]
extends = ":workspace"
[permissions.base.network.domains]
"a.example" = "allow"
"b.example" = "allow"
"bad.example" = "deny"
[permissions.web]
extends = "base"
[permissions.web.network]
enabled = true
[permissions.web.network.domains]
"b.example" = "deny"
"**.c.example" = "allow"
`;
const closed = { open: false, rules: false, allow: [], deny: [] };

test("the network of the chosen profile counts, with what it extends", async () => {
  expect(await reach(WEB)).toEqual({
    open: false,
    rules: true,
    allow: ["a.example", "c.example", "*.c.example"],
    deny: ["b.example", "bad.example"],
  });
});

test.each([
  ["a profile that nobody chose", "[permissions.web.network]\nenabled = true\n", closed],
  [
    "a profile without enabled",
    'default_permissions = "web"\n[permissions.web.network.domains]\n"a.example" = "allow"\n',
    closed,
  ],
  ["a profile without a network", 'default_permissions = "web"\n[permissions.web]\n', closed],
  ["a built-in one", 'default_permissions = ":read-only"\n', closed],
  ["full access, which is set by sandbox_mode", 'default_permissions = ":danger-full-access"\n', closed],
  [
    "one that is open to all",
    'default_permissions = "web"\n[permissions.web.network]\nenabled = true\n',
    { ...closed, open: true },
  ],
])("%s", async (_name, text, expected) => {
  expect(await reach(text)).toEqual(expected);
});

test("where a sandbox mode is set a profile opens nothing, and what it denies stays denied", async () => {
  const rest = { open: false, rules: false, allow: [], deny: ["b.example", "bad.example"] };
  expect(await reach(WEB, ['sandbox_mode="workspace-write"'])).toEqual(rest);
  const own = '\n[network.domains]\n"*" = "allow"\n';
  expect(await reach(WEB + own, ['sandbox_mode="workspace-write"'])).toEqual({
    ...rest,
    rules: true,
    allow: ["*"],
  });
});

test("what our own table and the feature say of a host goes before the profile", async () => {
  const { allow, deny } = await reach(
    `${WEB}[network.domains]\n"b.example" = "allow"\n[features.network_proxy.domains]\n"a.example" = "deny"\n`,
  );
  expect({ allow, deny }).toEqual({
    allow: ["b.example", "c.example", "*.c.example"],
    deny: ["a.example", "bad.example"],
  });
});

test.each([
  [
    'default_permissions = "no-such"\n',
    /default_permissions must be one of :read-only, :workspace, and is "no-such"/,
  ],
  [
    'default_permissions = "a"\n[permissions.a]\nextends = "gone"\n',
    /permissions\.a\.extends must be one of .*a, and is "gone"/,
  ],
  [
    'default_permissions = "a"\n[permissions.a]\nextends = ":danger-full-access"\n',
    /permissions\.a\.extends must be one of/,
  ],
  [
    'default_permissions = "a"\n[permissions.a]\nextends = "b"\n[permissions.b]\nextends = "a"\n',
    /permissions\.b\.extends leads back to itself/,
  ],
  [
    'default_permissions = "a"\n[permissions.a.network]\nmode = "limited"\n',
    /network\.mode cannot be kept here/,
  ],
  [
    'default_permissions = "a"\n[permissions.a.network.mitm]\nenabled = true\n',
    /network\.mitm cannot be kept here/,
  ],
  [
    '[permissions.a.network.domains]\n"x.example" = "maybe"\n',
    /permissions\.a\.network\.domains\."x\.example" must be/,
  ],
])("what cannot be kept is refused: %s", async (text, message) => {
  const loaded = await load(text);
  expect(loaded.ok ? "accepted" : loaded.error.message).toMatch(message);
});
