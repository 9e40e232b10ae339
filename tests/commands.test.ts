import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  fixtureRepository,
  patches,
  QUIRE_BIN,
  type QuireRun,
  quireHomeIn,
  runQuire,
  says,
  temporaryDirectory,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const bash = promisify(execFile);

/** A home without anything in it, and the command in it. */
async function emptyHome() {
  const folder = await temporaryDirectory("quire-commands-");
  const home = quireHomeIn(folder.path);
  await mkdir(home, { recursive: true });
  const quire = (args: readonly string[], more: { stdin?: string; env?: Record<string, string> } = {}) =>
    runQuire(args, { home: folder.path, cwd: folder.path, ...more });
  return { home, path: folder.path, quire, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

function outcome({ exitCode, stdout }: QuireRun) {
  return { exitCode, stdout };
}

test("a key is kept for its owner only, is used for requests, is never shown, and can be forgotten", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const config = `openai_base_url = "${world.server.url}"\nmodel = "gpt-5.3-codex"\n`;
  await writeFile(join(world.quireHome, "config.toml"), config);
  const at = { cwd: world.repository.path, home: world.home.path };
  const login = await runQuire(["login", "--with-api-key"], { ...at, stdin: "sk-secret-0123456789\n" });
  expect(login.exitCode).toBe(0);
  const file = join(world.quireHome, "auth.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const status = await runQuire(["login", "status"], at);
  expect(outcome(status)).toEqual({ exitCode: 0, stdout: `An API key is kept in ${file}.\n` });
  const run = await runQuire(["exec", "--json", "hi"], at);
  expect(run.exitCode).toBe(0);
  expect(world.server.requests[0]?.headers.authorization).toBe("Bearer sk-secret-0123456789");
  const doctor = await runQuire(["doctor", "--all"], at);
  expect(doctor.stdout).toContain(`key from ${file} (quire login)`);
  const variable = await runQuire(["exec", "hi"], { ...at, env: { OPENAI_API_KEY: "from-environment" } });
  expect(variable.exitCode).toBe(0);
  expect(world.server.requests[1]?.headers.authorization).toBe("Bearer from-environment");
  for (const { stdout, stderr } of [login, status, run, doctor]) {
    expect(stdout + stderr).not.toContain("sk-secret");
  }
  expect((await runQuire(["logout"], at)).stdout).toBe("The kept key is removed.\n");
  expect(outcome(await runQuire(["login", "status"], at))).toEqual({
    exitCode: 1,
    stdout: "Not logged in.\n",
  });
});

test.each([
  ["nothing", "", /no key came on stdin/],
  ["two words", "not a key", /is not one key/],
])("login refuses %s as a key", async (_name, stdin, text) => {
  await using home = await emptyHome();
  const run = await home.quire(["login", "--with-api-key"], { stdin });
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(text) });
  await expect(stat(join(home.home, "auth.json"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("mcp add, list, get and remove keep comments and answer in Codex's JSON", async () => {
  await using home = await emptyHome();
  const file = join(home.home, "config.toml");
  await writeFile(file, '# mine\nmodel = "m" # keep\n');
  await home.quire([
    "mcp",
    "add",
    "srv",
    "--env",
    "A=b=c",
    "--env",
    "B=",
    "--",
    "npx",
    "-y",
    "thing",
    "--flag",
  ]);
  await home.quire(["mcp", "add", "web", "--url", "https://x.example/mcp", "--bearer-token-env-var", "TOK"]);
  const list: unknown = JSON.parse((await home.quire(["mcp", "list", "--json"])).stdout);
  const stdio = {
    name: "srv",
    enabled: true,
    disabled_reason: null,
    transport: {
      type: "stdio",
      command: "npx",
      args: ["-y", "thing", "--flag"],
      env: { A: "b=c", B: "" },
      env_vars: [],
      cwd: null,
    },
    startup_timeout_sec: null,
    tool_timeout_sec: null,
  };
  expect(list).toEqual([
    { ...stdio, auth_status: "unsupported" },
    {
      name: "web",
      enabled: true,
      disabled_reason: null,
      transport: {
        type: "streamable_http",
        url: "https://x.example/mcp",
        bearer_token_env_var: "TOK",
        http_headers: null,
        env_http_headers: null,
        http_headers_helper: null,
      },
      startup_timeout_sec: null,
      tool_timeout_sec: null,
      auth_status: "bearer_token",
    },
  ]);
  const get: unknown = JSON.parse((await home.quire(["mcp", "get", "srv", "--json"])).stdout);
  expect(get).toEqual({ ...stdio, enabled_tools: null, disabled_tools: null, required: false });
  expect((await home.quire(["mcp", "get", "srv"])).stdout).toContain("env: A=*****, B=*****");
  await home.quire(["mcp", "add", "srv", "--", "other"]);
  expect((await home.quire(["mcp", "list"])).stdout).toMatch(/^srv +enabled +other\nweb +enabled +https/);
  expect((await home.quire(["mcp", "remove", "srv"])).stdout).toContain("Removed");
  await home.quire(["mcp", "remove", "web"]);
  expect(outcome(await home.quire(["mcp", "remove", "web"]))).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('no MCP server "web"'),
  });
  const text = await readFile(file, "utf8");
  expect(text).toContain('# mine\nmodel = "m" # keep\n');
  expect(text).not.toContain("npx");
});

test.each([
  [["add", "x"], /either --url URL or a command/],
  [["add", "x", "--url", "https://a", "--", "cmd"], /either --url URL or a command/],
  [["add", "a b", "--", "cmd"], /is no name/],
  [["add", "x", "--env", "nothing", "--", "cmd"], /is not KEY=VALUE/],
  [["add", "x", "--url", "file:///etc/passwd"], /no http or https URL/],
  [["get", "x"], /no MCP server "x"; known: none/],
  [["frob"], /there is no action "frob"/],
])("mcp %j is refused with what is wrong", async (args, text) => {
  await using home = await emptyHome();
  const run = await home.quire(["mcp", ...args]);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toMatch(text);
});

test("features are listed and switched in the file", async () => {
  await using home = await emptyHome();
  expect((await home.quire(["features", "disable", "update_plan"])).exitCode).toBe(0);
  const list = await home.quire(["features", "list"]);
  expect(list.stdout).toMatch(/^update_plan +stable +false +/m);
  expect(list.stdout).toMatch(/^view_image_tool +stable +true +/m);
  await home.quire(["features", "enable", "update_plan"]);
  const rows: { name: string; enabled: boolean }[] = JSON.parse(
    (await home.quire(["features", "list", "--json"])).stdout,
  );
  expect(rows.find(({ name }) => name === "update_plan")?.enabled).toBe(true);
  const unknown = await home.quire(["features", "enable", "nope"]);
  expect(unknown).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no feature "nope"; known:'),
  });
});

test("debug prompt-input shows what a run would send, sends nothing and leaves no trace", async () => {
  await using world = await execWorld({ files: { "AGENTS.md": "Say please.\n" }, steps: [says("ok")] });
  const shown = await world.quire(["debug", "prompt-input", "say hi"]);
  expect(shown.exitCode).toBe(0);
  expect(world.server.requests).toHaveLength(0);
  await expect(stat(join(world.quireHome, "sessions"))).rejects.toMatchObject({ code: "ENOENT" });
  await world.exec(["say hi"]);
  const [request] = world.server.requests;
  const items: { role: string; content: { text: string }[] }[] = JSON.parse(shown.stdout);
  const texts = items.map(({ content }) => content.map(({ text }) => text).join(""));
  expect(texts.slice(1)).toEqual(request?.inputTexts);
  expect(request?.body).toMatchObject({ instructions: texts[0] });
  const whole: { tools: { name: string }[] } = JSON.parse(
    (await world.quire(["debug", "prompt-input", "--request", "x"])).stdout,
  );
  expect(whole.tools.map(({ name }) => name)).toEqual(request?.tools.map(({ name }) => name));
  const again = await world.quire(["debug", "prompt-input", "resume", "--last", "and now"]);
  expect(again.stdout).toContain("say hi");
});

test("debug models prints the catalogue with the user's entries", async () => {
  await using home = await emptyHome();
  const file = join(home.path, "models.json");
  await writeFile(file, JSON.stringify({ models: [{ id: "mine", price: { input: 1, output: 2 } }] }));
  const args = ["debug", "models", "-c", `model_catalog_json=${JSON.stringify(file)}`];
  const ids = async (words: readonly string[]) => {
    const { models }: { models: { id: string }[] } = JSON.parse((await home.quire(words)).stdout);
    return models.map(({ id }) => id);
  };
  expect(await ids(args)).toContain("mine");
  expect(await ids([...args, "--bundled"])).not.toContain("mine");
});

test("completion knows every command and completes in a real bash", async () => {
  await using home = await emptyHome();
  const script = join(home.path, "quire.bash");
  await writeFile(script, (await home.quire(["completion", "bash"])).stdout);
  const complete = async (words: string) => {
    const { stdout } = await bash("bash", [
      "-c",
      `source ${script}; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _quire; echo "\${COMPREPLY[*]}"`,
    ]);
    return stdout.trim();
  };
  const help = (await home.quire(["--help"])).stdout;
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map((match) => match[1]);
  expect(commands.length).toBeGreaterThan(10);
  expect((await complete("quire ''")).split(" ")).toEqual(expect.arrayContaining(commands));
  expect(await complete("quire exec --max-c")).toBe("--max-cost");
  expect(await complete("quire exec res")).toBe("resume");
  expect(await complete("quire exec --sandbox w")).toBe("workspace-write");
  expect(await complete("quire exec --model ''")).toBe("");
  expect(await complete("quire mcp re")).toBe("remove");
  expect(await complete("quire review --ba")).toBe("--base");
  const { stdout: fish } = await home.quire(["completion", "fish"]);
  expect(fish).toMatch(
    /__fish_seen_subcommand_from exec' -s C -l cd -x -a '\(__fish_complete_directories\)' -d 'work in DIR'/,
  );
  expect((await home.quire(["completion", "zsh"])).stdout).toMatch(/^#compdef quire\n/);
  expect((await home.quire(["completion", "elvish"])).stdout).toContain(
    "    &exec=['resume' 'fork' 'review'",
  );
  expect((await home.quire(["completion", "powershell"])).stdout).toContain(
    "    'exec' = @('resume', 'fork',",
  );
  expect((await home.quire(["completion", "tcsh"])).exitCode).toBe(2);
});

test("every command prints its help", async () => {
  await using home = await emptyHome();
  const names = [...(await home.quire(["--help"])).stdout.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(
    ([, name]) => name,
  );
  for (const name of names.filter((name) => name !== undefined && name !== "apply-patch")) {
    const run = await home.quire([name ?? "", "--help"]);
    expect({ name, ...outcome(run) }).toEqual({
      name,
      exitCode: 0,
      stdout: expect.stringContaining(`Usage:`),
    });
  }
});

const PATCH = `*** Begin Patch
*** Update File: a.txt
@@
 two
-three
+THREE
*** Add File: new/b.txt
+fresh
*** Delete File: gone.txt
*** End Patch`;
const FILES = { "a.txt": "one\ntwo\nthree\nfour\n", "gone.txt": "x\n" };

test("apply does a thread's changes again, in another checkout and around moved lines, or not at all", async () => {
  await using world = await execWorld({ files: FILES, steps: [patches(PATCH), says("done")] });
  expect((await world.exec(["go"])).exitCode).toBe(0);
  const again = await runQuire(["apply"], { cwd: world.repository.path, home: world.home.path });
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[patch_does_not_apply]") });
  await using other = await fixtureRepository({ files: { ...FILES, "a.txt": `zero\n${FILES["a.txt"]}` } });
  const thread = await threadId(world.quireHome);
  const apply = (...more: string[]) =>
    runQuire(["apply", thread, ...more], { cwd: other.path, home: world.home.path });
  expect(outcome(await apply("--check"))).toEqual({
    exitCode: 0,
    stdout: "M a.txt\nA new/b.txt\nD gone.txt\n",
  });
  expect(await other.read("gone.txt")).toBe("x\n");
  expect((await apply()).exitCode).toBe(0);
  expect([await other.read("a.txt"), await other.read("new/b.txt")]).toEqual([
    "zero\none\ntwo\nTHREE\nfour\n",
    "fresh\n",
  ]);
  await expect(other.read("gone.txt")).rejects.toThrow();
  await using third = await fixtureRepository({ files: { ...FILES, "a.txt": "nothing alike\n" } });
  const refused = await runQuire(["apply", thread], { cwd: third.path, home: world.home.path });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/^a\.txt: what it changes at line 1 is not there any more$/m);
  expect(await third.git("status", "--porcelain")).toBe("");
});

async function threadId(quireHome: string): Promise<string> {
  const { stdout } = await bash("find", [join(quireHome, "sessions"), "-name", "*.jsonl"]);
  return stdout.trim().slice(-42, -6);
}

test("import codex takes what is known and free, says what it left, and overwrites nothing", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec(["hello from there"]);
  await using home = await emptyHome();
  const codex = join(home.path, ".codex");
  await bash("cp", ["-r", world.quireHome, codex]);
  await mkdir(join(codex, "rules"));
  await writeFile(join(codex, "rules", "good.rules"), 'prefix_rule(pattern=["ls"], decision="allow")\n');
  await writeFile(join(codex, "rules", "bad.rules"), "not( a rule\n");
  await mkdir(join(codex, "skills", "mine"), { recursive: true });
  await writeFile(join(codex, "skills", "mine", "SKILL.md"), "---\nname: mine\n---\n");
  await writeFile(join(codex, "AGENTS.md"), "theirs\n");
  await writeFile(join(codex, "auth.json"), '{"OPENAI_API_KEY":"sk-theirs"}');
  await writeFile(
    join(codex, "config.toml"),
    'model = "gpt-5.3-codex"\nmodel_reasoning_effort = "high"\nno_such_key = 1\nnotify = ["x"]\n[mcp_servers.a]\ncommand = "a"\n[mcp_servers.b]\ncommand = "b"\n[projects."/x"]\ntrust_level = "trusted"\n',
  );
  await writeFile(join(home.home, "AGENTS.md"), "mine\n");
  await writeFile(
    join(home.home, "config.toml"),
    '# mine\nmodel = "other"\n[mcp_servers.a]\ncommand = "own"\n',
  );
  const dry = await home.quire(["import", "codex", "--dry-run", "--json"]);
  const entries: { kind: string; name: string; outcome: string }[] = JSON.parse(dry.stdout).entries;
  expect(entries.map(({ kind, name, outcome: what }) => `${what} ${kind} ${name}`)).toEqual([
    "kept config model",
    "taken config model_reasoning_effort",
    "left config no_such_key",
    "left config notify",
    "kept config mcp_servers.a",
    "taken config mcp_servers.b",
    "left config projects",
    "left rules bad.rules",
    "taken rules good.rules",
    "kept instructions AGENTS.md",
    "taken skill mine",
    expect.stringMatching(/^taken thread [0-9a-f-]{36}$/),
    "left key auth.json",
  ]);
  await expect(stat(join(home.home, "rules"))).rejects.toMatchObject({ code: "ENOENT" });
  const run = await home.quire(["import", "codex"]);
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/2 configuration keys: model_reasoning_effort, mcp_servers\.b/);
  expect(run.stdout).toMatch(/config no_such_key: there is no such key here/);
  const config = await readFile(join(home.home, "config.toml"), "utf8");
  expect(config).toMatch(/^# mine\nmodel = "other"\n/);
  expect(config).toContain('[mcp_servers.b]\ncommand = "b"');
  expect(config).toContain('command = "own"');
  expect(await readFile(join(home.home, "AGENTS.md"), "utf8")).toBe("mine\n");
  await expect(stat(join(home.home, "auth.json"))).rejects.toMatchObject({ code: "ENOENT" });
  expect((await home.quire(["import", "codex", "--json"])).stdout).not.toContain('"taken"');
  const id = await threadId(home.home);
  expect((await home.quire(["import", "codex", "--from", "/no-such-folder"])).stderr).toMatch(
    /there is no directory \/no-such-folder .*\n.*--from/,
  );
  const keyed = await home.quire(["import", "codex", "--with-key"]);
  expect(keyed.stdout).toContain("1 API keys: auth.json");
  expect(keyed.stdout).not.toContain("sk-theirs");
  expect((await home.quire(["login", "status"])).stdout).toContain("An API key is kept in");
  const forked = await home.quire(["debug", "prompt-input", "-m", "offline-repair", "fork", id, "go on"]);
  expect(forked.stdout).toContain("hello from there");
});

test.each([["--remote", "ws://127.0.0.1:1"], ["fix the failing test"], ["--plan", "fix the failing test"]])(
  "without a terminal %j says that it wants one, and what a script uses",
  async (...words) => {
    await using home = await temporaryDirectory("quire-no-terminal-");
    expect(await runQuire(words, { home: home.path })).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringMatching(/needs a terminal\.\n.*quire exec/),
    });
  },
);

test("output that cannot be written ends the run with a line that says so", async () => {
  await using world = await execWorld({ script: { afterwards: says("Done.") } });
  const script =
    'for words in models "exec --json hi" "exec hi"; do "$0" $words </dev/null >/dev/full; echo "code $?" >&2; done';
  const env = { ...process.env, HOME: world.home.path, QUIRE_HOME: world.quireHome, TEST_KEY: "key" };
  const { stderr } = await bash("sh", ["-c", script, QUIRE_BIN], { cwd: world.repository.path, env });
  expect(stderr.split("\n").filter((line) => /^(?:quire: |code )|^\s+at /.test(line))).toEqual(
    ["models", "json", "text"].flatMap(() => [
      "quire: the output cannot be written: ENOSPC: no space left on device, write",
      "code 1",
    ]),
  );
});
