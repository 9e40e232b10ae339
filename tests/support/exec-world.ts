import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExecEvent, ExecEventSchema } from "@quire/protocol";
import {
  type FixtureOptions,
  type FixtureRepository,
  fixtureRepository,
  type QuireRun,
  quireHomeIn,
  type RunQuireOptions,
  runQuire,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  scriptedResponses,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@quire/test-support";

export interface WorldOptions extends FixtureOptions {
  steps?: readonly Step[];
  script?: ScriptOptions;
  /** Appended to config.toml. */
  config?: string;
  /** Appended to the provider's table. */
  provider?: string;
  wireApi?: "responses" | "chat" | "anthropic";
  model?: string;
}

/** A repository, a home with a configured provider, and the model server behind it. Everything is real but the model. */
export interface ExecWorld extends AsyncDisposable {
  readonly repository: FixtureRepository;
  readonly server: ScriptedServer;
  readonly home: TemporaryDirectory;
  readonly quireHome: string;
  /** Runs the CLI in the repository. */
  quire(args: readonly string[], options?: RunQuireOptions): Promise<QuireRun>;
  /** Runs `quire exec` in the repository. */
  exec(args: readonly string[], options?: RunQuireOptions): Promise<QuireRun>;
  /** The same with `--json`: every line, checked against the published schema. */
  execJson(
    args: readonly string[],
    options?: RunQuireOptions,
  ): Promise<{ run: QuireRun; events: ExecEvent[] }>;
}

export async function execWorld(options: WorldOptions = {}): Promise<ExecWorld> {
  const repository = await fixtureRepository({ files: { "a.txt": "one\n" }, ...options });
  const server = await scriptedResponses(options.steps ?? [], options.script ?? {});
  const home = await temporaryDirectory("quire-world-");
  const quireHome = quireHomeIn(home.path);
  await mkdir(quireHome, { recursive: true });
  await writeFile(join(quireHome, "config.toml"), configFor(server.url, options) + (options.provider ?? ""), {
    mode: 0o600,
  });
  const env = { TEST_KEY: "key-for-tests" };
  const quire: ExecWorld["quire"] = (args, more = {}) =>
    runQuire(args, {
      cwd: repository.path,
      home: home.path,
      ...more,
      env: { ...env, ...more.env },
    });
  const exec: ExecWorld["exec"] = (args, more) => quire(["exec", ...args], more);
  return {
    repository,
    server,
    home,
    quireHome,
    quire,
    exec,
    async execJson(args, more) {
      const run = await exec(["--json", ...args], more);
      const lines = run.stdout.split("\n").filter((line) => line !== "");
      return { run, events: lines.map((line) => ExecEventSchema.parse(JSON.parse(line))) };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await repository[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function configFor(baseUrl: string, { config = "", wireApi = "responses", model }: WorldOptions): string {
  return `model = "${model ?? (wireApi === "responses" ? "gpt-5.3-codex" : "local-model")}"
model_provider = "scripted"
${config}
[model_providers.scripted]
name = "scripted"
base_url = "${baseUrl}"
wire_api = "${wireApi}"
env_key = "TEST_KEY"
`;
}

/** The items of a stream in their final form, in the order of their ends. */
export function completedItems(events: readonly ExecEvent[]) {
  return events.flatMap((event) => (event.type === "item.completed" ? [event.item] : []));
}
