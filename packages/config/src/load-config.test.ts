import { execFile } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { type ConfigFs, realFs } from "./config-fs.ts";
import { configOrigin, type LoadConfigInput, loadConfig } from "./load-config.ts";
import { recordTrust } from "./trust-record.ts";
import { readTrustableFiles } from "./trusted-content.ts";

const run = promisify(execFile);

async function load(input: Partial<LoadConfigInput> & { home: string }) {
  return await loadConfig({ cwd: input.home, env: {}, ...input });
}

async function loadOk(input: Partial<LoadConfigInput> & { home: string }) {
  const loaded = await load(input);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded;
}

/** Records what the project holds now as trusted, as `--trust` does. */
async function confirm(home: string, root: string): Promise<void> {
  await recordTrust(home, root, await readTrustableFiles(root, root, realFs));
}

test("the configuration is normalised: camelCase, defaults, absolute paths", async () => {
  await using tree = await temporaryTree({
    "home/config.toml": `
      model_instructions_file = "me.md"
      model_catalog_json = "~/models.json"
      [model_providers.proxy]
      base_url = "http://127.0.0.1:1/v1"
      env_key = "KEY"
      [mcp_servers.docs]
      url = "https://docs.example/mcp"
      startup_timeout_sec = 2.5
      [features]
      on = true
      with_options = { size = 1 }
      off = { enabled = false }`,
  });
  const { config } = await loadOk({
    home: tree.path("home"),
    env: { HOME: "/user" },
    cwd: tree.root,
    overrides: ['sandbox_workspace_write.writable_roots=["out"]'],
  });
  expect(config).toMatchObject({
    model: null,
    modelInstructionsFile: tree.path("home/me.md"),
    modelCatalogFile: "/user/models.json",
    approvalPolicy: "on-request",
    workspaceWrite: { writableRoots: [tree.path("out")], networkAccess: false },
    features: { on: true, with_options: true, off: false },
    projectRootMarkers: [".git"],
    projectDocFallbackFilenames: ["CLAUDE.md"],
  });
  expect(config.modelProviders.proxy).toEqual({
    id: "proxy",
    name: "proxy",
    baseUrl: "http://127.0.0.1:1/v1",
    wireApi: "responses",
    envKey: "KEY",
    envKeyInstructions: null,
    bearerToken: null,
    httpHeaders: {},
    envHttpHeaders: {},
    queryParams: {},
    auth: null,
    requiresOpenaiAuth: false,
    supportsWebsockets: false,
    requestMaxRetries: null,
    streamMaxRetries: null,
    streamIdleTimeoutMs: null,
    websocketConnectTimeoutMs: null,
    modelCatalogUrl: null,
    capabilities: {},
    caCertificate: null,
  });
  expect(config.mcpServers.docs).toMatchObject({ startupTimeoutMs: 2500, transport: { kind: "http" } });
  expect(config.modelProviders.constructor).toBeUndefined();
});

test("the granular approval policy replaces the plain one and is validated", async () => {
  await using tree = await temporaryTree({ "config.toml": 'approval_policy = "never"' });
  const granular = "approval_policy={ granular = { sandbox_approval = true, rules = false, rulez = 1 } }";
  const loaded = await loadOk({ home: tree.root, overrides: [granular] });
  expect(loaded.config.approvalPolicy).toEqual({ granular: { sandbox_approval: true, rules: false } });
  expect(loaded.warnings.map(({ key, suggestion }) => [key, suggestion])).toEqual([
    ["approval_policy.granular.rulez", "rules"],
  ]);
  expect(configOrigin(loaded, "approval_policy")).toBeNull();
  expect(configOrigin(loaded, "approval_policy.granular.rules")).toEqual({ layer: "override", file: null });
});

test("a linked worktree has the trust of its main checkout; a forged one has not", async () => {
  await using tree = await temporaryTree({
    "main/.quire/config.toml": 'model = "project"',
    "forged/.quire/config.toml": 'model = "forged"',
    "home/config.toml": '[projects."$ROOT/main"]\ntrust_level = "trusted"',
  });
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: tree.path("main") });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-q", "-m", "start");
  await confirm(tree.path("home"), tree.path("main"));
  await git("worktree", "add", "-q", tree.path("linked"));
  await writeFile(tree.path("forged/.git"), `gitdir: ${tree.path("main/.git/worktrees/linked")}\n`);
  const models = await Promise.all(
    ["main", "linked", "forged"].map(async (name) => {
      const { config, project } = await loadOk({ home: tree.path("home"), cwd: tree.path(name) });
      return [name, config.model, project.trust];
    }),
  );
  expect(models).toEqual([
    ["main", "project", "trusted"],
    ["linked", "project", "trusted"],
    ["forged", null, null],
  ]);
});

test("trust follows real paths: a link to a trusted folder is trusted, a trusted link's new target is not", async () => {
  await using tree = await temporaryTree({
    "good/.quire/config.toml": 'model = "good"',
    "bad/.quire/config.toml": 'model = "bad"',
    "home/config.toml": '[projects."$ROOT/good"]\ntrust_level = "trusted"',
  });
  await confirm(tree.path("home"), tree.path("good"));
  await symlink(tree.path("good"), tree.path("link-to-good"));
  await symlink(tree.path("bad"), tree.path("link-to-bad"));
  const model = async (name: string) =>
    (await loadOk({ home: tree.path("home"), cwd: tree.path(name) })).config.model;
  expect([await model("link-to-good"), await model("link-to-bad")]).toEqual(["good", null]);
});

test("the command line may trust a project, and distrust a trusted one", async () => {
  await using tree = await temporaryTree({ "app/.quire/config.toml": 'model = "project"' });
  const app = { home: tree.path("home"), cwd: tree.path("app") };
  const trust = `projects."${tree.path("app")}".trust_level=trusted`;
  expect((await loadOk({ ...app, overrides: [trust] })).config.model).toBe("project");
  expect((await loadOk({ ...app, overrides: [trust], trustProject: false })).config.model).toBeNull();
});

test("a project's file that is a link out of the project, a pipe or a folder is not read", async () => {
  await using tree = await temporaryTree({ "secret.toml": 'model = "secret"' });
  for (const name of ["link", "pipe", "folder"]) await mkdir(tree.path(name, ".quire"), { recursive: true });
  await symlink(tree.path("secret.toml"), tree.path("link/.quire/config.toml"));
  await run("mkfifo", [tree.path("pipe/.quire/config.toml")]);
  await mkdir(tree.path("folder/.quire/config.toml"));
  const messages = [];
  for (const name of ["link", "pipe", "folder"]) {
    const loaded = await loadOk({ home: tree.path("home"), cwd: tree.path(name), trustProject: true });
    messages.push([loaded.config.model, loaded.warnings.map(({ code, message }) => `${code} ${message}`)]);
  }
  const ignored = "The project's file is ignored.";
  expect(messages).toEqual([
    [
      null,
      [`project_config_broken ${tree.path("link/.quire/config.toml")} leads out of the project. ${ignored}`],
    ],
    [
      null,
      [`project_config_broken ${tree.path("pipe/.quire/config.toml")} is not a regular file. ${ignored}`],
    ],
    [
      null,
      [`project_config_broken ${tree.path("folder/.quire/config.toml")} is not a regular file. ${ignored}`],
    ],
  ]);
});

test("writable roots that leave the project through a link are ignored", async () => {
  await using tree = await temporaryTree({
    "app/.quire/config.toml": '[sandbox_workspace_write]\nwritable_roots = ["../out/new"]',
  });
  await mkdir(tree.path("app/.git"));
  await symlink(tree.root, tree.path("app/out"));
  const loaded = await loadOk({ home: tree.path("home"), cwd: tree.path("app"), trustProject: true });
  expect(loaded.config.workspaceWrite.writableRoots).toEqual([]);
  expect(loaded.warnings.map(({ key }) => key)).toEqual(["sandbox_workspace_write.writable_roots"]);
});

test("credentials that others can read and files that others can change are pointed out", async () => {
  await using tree = await temporaryTree({
    "secret/config.toml": '[model_providers.p]\nexperimental_bearer_token = "t"',
    "open/config.toml": 'model = "m"',
  });
  await chmod(tree.path("secret/config.toml"), 0o644);
  await chmod(tree.path("open/config.toml"), 0o666);
  const codes = async (home: string) =>
    (await loadOk({ home: tree.path(home) })).warnings.map(({ code }) => code);
  expect(await codes("secret")).toEqual(["file_permissions"]);
  expect(await codes("open")).toEqual(["file_permissions"]);
  await chmod(tree.path("secret/config.toml"), 0o600);
  expect(await codes("secret")).toEqual([]);
});

test("a user's file that may not be read stops the start; a project's file does not", async () => {
  await using tree = await temporaryTree({ "config.toml": "", "app/.quire/config.toml": "" });
  const denied = (part: string): ConfigFs => ({
    ...realFs,
    readFile: (path) =>
      path.includes(part)
        ? Promise.reject(Object.assign(new Error(), { code: "EACCES" }))
        : realFs.readFile(path),
  });
  const input = { home: tree.root, cwd: tree.path("app"), trustProject: true };
  expect(await load({ ...input, fs: denied("app") })).toMatchObject({
    ok: true,
    warnings: [{ code: "project_config_broken" }],
  });
  expect(await load({ ...input, fs: denied("config.toml") })).toMatchObject({
    ok: false,
    error: { code: "config_invalid", message: `${tree.path("config.toml")} cannot be read (EACCES).` },
  });
});

test("a later layer always wins", async () => {
  await using tree = await temporaryTree({ "app/keep": "" });
  const value = fc.option(fc.constantFrom("low", "medium", "high"), { nil: null });
  const layers = fc.record({
    system: value,
    user: value,
    profile: value,
    project: value,
    override: value,
    flag: value,
  });
  await mkdir(tree.path("app/.quire"));
  await fc.assert(
    fc.asyncProperty(layers, async ({ system, user, profile, project, override, flag }) => {
      const file = (name: string, word: string | null) =>
        writeFile(tree.path(name), word === null ? "" : `model_verbosity = "${word}"`, { mode: 0o600 });
      await file("system.toml", system);
      await file("config.toml", user);
      await file("p.config.toml", profile);
      await file("app/.quire/config.toml", project);
      const loaded = await loadOk({
        home: tree.root,
        cwd: tree.path("app"),
        systemFile: tree.path("system.toml"),
        profile: "p",
        trustProject: true,
        overrides: override === null ? [] : [`model_verbosity=${override}`],
        flags: flag === null ? {} : { model_verbosity: flag },
      });
      const highest = Object.entries({ flag, override, project, profile, user, system }).find(
        ([, word]) => word,
      );
      expect(loaded.config.modelVerbosity).toBe(highest?.[1] ?? null);
      expect(configOrigin(loaded, "model_verbosity")?.layer ?? null).toBe(highest?.[0] ?? null);
    }),
    { numRuns: 60 },
  );
});

test("unknown keys never change the result", async () => {
  await using tree = await temporaryTree({ "app/keep": "" });
  const plain = await loadOk({ home: tree.root, overrides: ["model=m"] });
  const name = fc.stringMatching(/^[a-z_]{1,12}$/).map((word) => `zz_${word}`);
  const where = fc.constantFrom("", "tools.", "shell_environment_policy.", "sandbox_workspace_write.");
  const junk = fc.array(fc.tuple(where, name, fc.constantFrom("1", '"x"', "[1]", "{ a = 1 }")), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(junk, async (entries) => {
      const overrides = ["model=m", ...entries.map(([table, key, value]) => `${table}${key}=${value}`)];
      const loaded = await loadOk({ home: tree.root, overrides });
      expect(loaded.config).toEqual(plain.config);
      expect(loaded.effective).toEqual(plain.effective);
    }),
    { numRuns: 60 },
  );
});

test("random bytes in a file are an error or a configuration, never an exception", async () => {
  await using tree = await temporaryTree();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({ unit: fc.constantFrom(..."model=[]{}\"'.#\n _1-\\t\u0000é"), maxLength: 80 })
      .map((t) => Buffer.from(t)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (content) => {
      await writeFile(tree.path("config.toml"), content, { mode: 0o600 });
      const loaded = await load({ home: tree.root });
      if (!loaded.ok) expect(loaded.error).toMatchObject({ code: "config_invalid" });
    }),
    { numRuns: 200 },
  );
});

test("any override is an error or a configuration, never an exception", async () => {
  await using tree = await temporaryTree();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 40 }), async (text) => {
      const loaded = await load({ home: tree.root, overrides: [text] });
      if (!loaded.ok) expect(["usage_invalid", "config_invalid"]).toContain(loaded.error.code);
    }),
    { numRuns: 200 },
  );
});

test("endless nesting is refused, not walked", async () => {
  const deep = `tui.keymap.${"a.".repeat(40_000)}b`;
  await using tree = await temporaryTree({ "app/.quire/config.toml": `${deep} = 1` });
  expect(await load({ home: tree.root, overrides: [`${deep}=1`] })).toMatchObject({
    ok: false,
    error: { code: "config_invalid", message: "-c: tables are nested more than 64 deep." },
  });
  expect(await load({ home: tree.root, cwd: tree.path("app"), trustProject: true })).toMatchObject({
    ok: true,
    warnings: [{ code: "project_config_broken" }],
  });
});

test("what a file holds cannot steer the terminal that the message is shown on", async () => {
  await using tree = await temporaryTree({
    "config.toml":
      '"\\u001b[2J\\u009b\\u202e\\U000E0041" = 1\nmodel_verbosity = "\\u001b]0;x\\u0007\\u202e"\n',
  });
  const loaded = await load({ home: tree.root });
  const relaxed = await load({ home: tree.root, overrides: ["model_verbosity=low"], strict: true });
  for (const result of [loaded, relaxed]) {
    expect(JSON.stringify(result)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("\\u001b]0;x\\u0007\\u202e") },
    });
  }
});
