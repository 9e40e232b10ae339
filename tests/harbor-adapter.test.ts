import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { callsTool, quireHomeIn, says, scriptedResponses, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

/** What the adapter uses of Harbor, by its documented interface; the container is this machine with a home of its own. */
const STAND_IN: Readonly<Record<string, string>> = {
  "harbor/__init__.py": "",
  "harbor/agents/__init__.py": "",
  "harbor/agents/base.py": `
class BaseAgent:
    def __init__(self, logs_dir, model_name=None, *args, **kwargs):
        self.logs_dir = logs_dir
        self.model_name = model_name
`,
  "trial.py": `
import asyncio, json, os, pathlib, shutil, subprocess, sys, types
from quire_agent import QuireAgent

class Environment:
    async def upload_file(self, source, target):
        shutil.copy(source, pathlib.Path(os.environ["HOME"]) / pathlib.Path(target).name)
    async def exec(self, command, cwd=None, env=None, timeout_sec=None, user=None):
        command = command.replace("/tmp/quire.tgz", os.environ["HOME"] + "/quire.tgz")
        command = command.replace("/logs/agent", os.environ["HOME"] + "/logs")
        done = subprocess.run(["bash", "-c", command], env={**os.environ, **(env or {})}, cwd=os.environ["HOME"] + "/app", capture_output=True, text=True)
        return types.SimpleNamespace(stdout=done.stdout, stderr=done.stderr, return_code=done.returncode)

async def main(package):
    context = types.SimpleNamespace()
    agent = QuireAgent(pathlib.Path(os.environ["HOME"]) / "logs", "openai/gpt-5.3-codex", package=package, options="--max-turns 5")
    await agent.setup(Environment())
    await agent.run("Write 'hello' into greeting.txt; it's -- quoted", Environment(), context)
    later = types.SimpleNamespace()
    agent.populate_context_post_run(later)
    assert vars(later) == vars(context), later
    print(json.dumps(vars(context)))

asyncio.run(main(sys.argv[1]))
`,
};

test("Harbor's adapter installs the packed CLI, runs the task and counts what it cost", async () => {
  await using folder = await temporaryDirectory("quire-harbor-test-");
  const at = (name: string) => join(folder.path, name);
  for (const name of ["harbor/agents", "app", "logs", "prefix", "pack"])
    await mkdir(at(name), { recursive: true });
  for (const [name, text] of Object.entries(STAND_IN)) await writeFile(at(name), text);
  await using server = await scriptedResponses([
    {
      ...callsTool("exec_command", { cmd: "echo hello > greeting.txt" }),
      usage: { input: 100, output: 10 },
    },
    { ...says("Written."), usage: { input: 120, cached: 100, output: 5 } },
  ]);
  await mkdir(quireHomeIn(folder.path));
  await writeFile(
    join(quireHomeIn(folder.path), "config.toml"),
    `model_provider = "scripted"\n[model_providers.scripted]\nbase_url = "${server.url}"\nwire_api = "responses"\n`,
  );
  const { stdout: packed } = await run(process.execPath, [join(root, "scripts/pack.mjs"), at("pack")]);
  const env = {
    PATH: `${at("prefix/bin")}:${process.env.PATH}`,
    HOME: folder.path,
    PYTHONPATH: `${folder.path}:${join(root, "integrations/harbor")}`,
    PYTHONDONTWRITEBYTECODE: "1",
    npm_config_prefix: at("prefix"),
    // The package stands alone; its optional native parts would come over the network.
    npm_config_offline: "true",
    npm_config_omit: "optional",
  };
  const trial = await run("python3", [at("trial.py"), packed.trim()], { env });
  expect(JSON.parse(trial.stdout)).toEqual({
    n_input_tokens: 220,
    n_cache_tokens: 100,
    n_output_tokens: 15,
    // What another provider charges is not known, and unknown stays unknown.
    cost_usd: null,
  });
  expect(await readFile(at("app/greeting.txt"), "utf8")).toBe("hello\n");
  expect(server.requests[0]?.inputTexts.at(-1)).toBe("Write 'hello' into greeting.txt; it's -- quoted");
  expect(await readFile(at("logs/quire.jsonl"), "utf8")).toContain('"type":"turn.completed"');
});
