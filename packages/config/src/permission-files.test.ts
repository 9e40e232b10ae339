import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { type LoadConfigInput, loadConfig } from "./load-config.ts";

async function load(text: string, input: Partial<LoadConfigInput> = {}, project = "") {
  await using tree = await temporaryTree({
    "home/config.toml": text,
    "project/.git/HEAD": "",
    ...(project === "" ? {} : { "project/.quire/config.toml": project }),
  });
  const env = { HOME: "/home/me" };
  return await loadConfig({ home: tree.path("home"), cwd: join(tree.root, "project"), env, ...input });
}

/** What a profile comes to. */
async function files(text: string, input?: Partial<LoadConfigInput>, project?: string) {
  const loaded = await load(text, input, project);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const { filePermissions, sandboxMode, sandboxModeIsChosen, network } = loaded.config;
  const entries = filePermissions?.entries.map(({ place, access }) => {
    const { kind, ...rest } = place;
    return `${access} ${[kind, ...Object.values(rest)].join(" ")}`.trim();
  });
  return {
    mode: sandboxMode,
    chosen: sandboxModeIsChosen,
    ...filePermissions,
    entries,
    allow: network.allow,
  };
}

const DEV = `
default_permissions = "dev"
[permissions.base]
extends = ":workspace"
[permissions.base.workspace_roots]
"~/other" = true
"/unused" = false
[permissions.base.filesystem]
"~/cache" = "write"
"/opt/data" = "read"
[permissions.dev]
extends = "base"
[permissions.dev.filesystem]
glob_scan_max_depth = 3
"/opt/data" = "none"
"/srv/**/*.pem" = "deny"
":slash_tmp" = "write"
[permissions.dev.filesystem.":workspace_roots"]
"src/**" = "read"
"private" = "deny"
"**/*.env" = "deny"
[permissions.dev.network]
enabled = true
domains = { "a.example" = "allow" }
`;

const DENIED = [
  "deny path /opt/data",
  "deny glob /srv **/*.pem",
  "deny workspace private",
  "deny glob  **/*.env",
];

test("a profile with what it extends: a child's entry replaces its parent's, and tables are joined", async () => {
  const { entries, ...rest } = await files(DEV);
  expect(rest).toEqual({
    mode: "workspace-write",
    chosen: true,
    profile: "dev",
    inForce: true,
    otherwise: "read",
    workspaceRoots: ["/home/me/other"],
    globScanMaxDepth: 3,
    allow: ["a.example"],
  });
  expect([...(entries ?? [])].sort()).toEqual(
    [...DENIED, "read root", "read workspace src", "write path /home/me/cache", "write workspace"].sort(),
  );
});

test.each([
  ["flag", { flags: { sandbox_mode: "workspace-write" as const } }, ""],
  ["override", { overrides: ['sandbox_mode="workspace-write"'] }, ""],
  ["user's file", {}, 'sandbox_mode = "workspace-write"\n'],
])("where a mode is set by a %s only denials are left", async (_name, input, before) => {
  const { entries, ...rest } = await files(before + DEV, input);
  expect(rest).toMatchObject({
    mode: "workspace-write",
    inForce: false,
    otherwise: "read",
    workspaceRoots: [],
    allow: [],
  });
  expect([...(entries ?? [])].sort()).toEqual([...DENIED].sort());
  // A profile named by hand counts nevertheless.
  const byHand = await files(`${before}${DEV}`, { permissionProfile: ":read-only" });
  expect(byHand).toMatchObject({ mode: "read-only", inForce: true, entries: ["read root"] });
});

test("a project narrows what a profile stands for, and never takes its place or writes one", async () => {
  const trust = { trustProject: true };
  const project = `sandbox_mode = "read-only"\ndefault_permissions = ":workspace"\n[permissions.dev.filesystem]\n"/" = "write"\n`;
  expect(await files(DEV, trust, project)).toMatchObject({
    mode: "read-only",
    inForce: true,
    otherwise: "read",
  });
  const readOnly = 'default_permissions = ":read-only"\n';
  expect(await files(readOnly, trust, 'sandbox_mode = "workspace-write"\n')).toMatchObject({
    mode: "read-only",
    inForce: true,
  });
  // Where the user set a mode, a project's own does not bring the profile back.
  expect(
    await files(`sandbox_mode = "workspace-write"\n${DEV}`, trust, 'sandbox_mode = "read-only"\n'),
  ).toMatchObject({
    mode: "read-only",
    inForce: false,
    allow: [],
  });
});

test.each([
  [":read-only", "read-only"],
  [":workspace", "workspace-write"],
  [":danger-full-access", "danger-full-access"],
])("the built-in profile %s stands for the mode %s", async (name, mode) => {
  expect(await files(`default_permissions = "${name}"\n`)).toMatchObject({ mode, chosen: true });
});

test("without :root only what is named can be read", async () => {
  const text = `default_permissions = "few"\n[permissions.few.filesystem]\n":minimal" = "read"\n":workspace_roots" = "read"\n":future" = "write"\n`;
  const loaded = await load(text);
  expect(loaded).toMatchObject({
    ok: true,
    config: { sandboxMode: "read-only", filePermissions: { otherwise: "deny" } },
    warnings: [expect.objectContaining({ message: expect.stringContaining(":future") })],
  });
});

test.each([
  ['"/a" = "read-write"', /filesystem\."\/a" must be "read", "write" or "deny", and is "read-write"/],
  ['"/a" = 3', /filesystem\."\/a" must be "read", "write" or "deny", and is 3/],
  ['"a/b" = "read"', /filesystem\."a\/b" must be an absolute path/],
  ['"/a/*/b" = "write"', /has wildcards, which only "deny" can have/],
  ['":root" = "write"', /filesystem\.":root" cannot be "write" here/],
  ['":future" = "deny"', /filesystem\.":future" is a place that is not known here/],
  ['":root" = { "etc" = "deny" }', /filesystem\.":root"\.etc cannot be given below :root/],
  ['":workspace_roots" = { "../up" = "write" }', /"\.\.\/up" must be a path below :workspace_roots/],
  ['":workspace_roots" = { "/etc" = "write" }', /must be a path below/],
  ["glob_scan_max_depth = 0", /glob_scan_max_depth must be a whole number of at least 1/],
])(
  "what cannot be kept is refused, and the message names profile, key and path: %s",
  async (line, message) => {
    const loaded = await load(`default_permissions = "p"\n[permissions.p.filesystem]\n${line}\n`);
    expect(loaded.ok ? "accepted" : loaded.error.message).toMatch(message);
    expect(loaded.ok ? "" : loaded.error.message).toContain("permissions.p.filesystem");
  },
);

test("workspace roots are absolute and switched on or off", async () => {
  const text = (line: string) => `default_permissions = "p"\n[permissions.p.workspace_roots]\n${line}\n`;
  const problem = async (line: string) => {
    const loaded = await load(text(line));
    return loaded.ok ? "accepted" : loaded.error.message;
  };
  expect(await problem('"relative" = true')).toMatch(/workspace_roots\.relative must be an absolute path/);
  expect(await problem('"/a" = "yes"')).toMatch(/workspace_roots\."\/a" must be true or false/);
});
