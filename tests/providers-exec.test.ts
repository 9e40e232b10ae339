import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  assertAppendOnly,
  callsTool,
  patches,
  reasons,
  replies,
  type Step,
  says,
  temporaryDirectory,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const WIRES = ["responses", "chat", "anthropic"] as const;
const PATCH =
  "*** Begin Patch\n*** Update File: add.mjs\n@@\n-  return a - b;\n+  return a + b;\n*** End Patch";
const FILES = {
  "add.mjs": "export function add(a, b) {\n  return a - b;\n}\n",
  "add.test.mjs":
    'import { add } from "./add.mjs";\nif (add(1, 2) !== 3) throw new Error("wrong");\nconsole.log("passed");\n',
};
const SCENARIO: readonly Step[] = [
  replies(reasons("I look first."), says("Looking."), callsTool("exec_command", { cmd: "cat add.mjs" })),
  patches(PATCH),
  callsTool("exec_command", { cmd: "node add.test.mjs" }),
  says("add adds now, and its test passes."),
];

async function tree(world: ExecWorld): Promise<Record<string, string>> {
  const entries = Object.keys(FILES).map(async (name) => [name, await world.repository.read(name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

test.each(WIRES)("over %s the same scenario gives the same tree", async (wireApi) => {
  await using world = await execWorld({ files: FILES, wireApi, steps: SCENARIO });
  const run = await world.exec(["make the test pass"]);
  expect({ stdout: run.stdout, exitCode: run.exitCode }).toEqual({
    stdout: "add adds now, and its test passes.\n",
    exitCode: 0,
  });
  expect(await tree(world)).toEqual({ ...FILES, "add.mjs": FILES["add.mjs"].replace("a - b", "a + b") });
  assertAppendOnly(world.server.requests);
  expect(world.server.requests).toHaveLength(4);
  expect(world.server.requests[0]?.raw.length).toBeLessThan(16 * 1024);
  expect(world.server.requests[3]?.toolOutputs.at(-1)).toContain("passed");
  expect(world.server.requests.every(({ path }) => path.startsWith("/v1/"))).toBe(true);
});

test.each(WIRES)(
  "over %s a thread is resumed and forked on the same bytes, and on another model and back",
  async (wireApi) => {
    const turn = (n: number): Step[] => [callsTool("exec_command", { cmd: `echo ${n}` }), says(`turn ${n}`)];
    const models =
      wireApi === "responses" ? ["gpt-5.3-codex", "gpt-5.2-codex"] : ["local-model", "other-model"];
    const steps = Array.from({ length: 5 }, (_, n) => turn(n)).flat();
    await using world = await execWorld({ files: FILES, wireApi, steps });
    const first = await world.execJson(["one"]);
    const started = first.events.find((event) => event.type === "thread.started");
    const id = started?.type === "thread.started" ? started.thread_id : "";
    const runs = [
      first.run,
      await world.exec(["resume", "--last", "two"]),
      await world.exec(["resume", "--last", "-m", models[1] ?? "", "three"]),
      await world.exec(["resume", "--last", "-m", models[0] ?? "", "four"]),
      await world.exec(["fork", id, "five"]),
    ];
    expect(runs.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual([0, 0, 0, 0, 0]);
    const of = (model: string | undefined) =>
      world.server.requests.filter((request) => request.model === model);
    expect([of(models[0]).length, of(models[1]).length]).toEqual([8, 2]);
    assertAppendOnly(of(models[0]));
    assertAppendOnly(of(models[1]));
  },
);

test("structured output comes over each wire API", async () => {
  const schema = {
    type: "object",
    properties: { verdict: { type: "string" } },
    required: ["verdict"],
    additionalProperties: false,
  };
  const answer = JSON.stringify({ verdict: "fine" });
  await using folder = await temporaryDirectory("quire-schema-");
  const file = join(folder.path, "schema.json");
  await writeFile(file, JSON.stringify(schema));
  for (const wireApi of WIRES) {
    const step = wireApi === "anthropic" ? callsTool("final_message", { verdict: "fine" }) : says(answer);
    await using world = await execWorld({ wireApi, steps: [step] });
    const run = await world.exec(["--output-schema", file, "judge"]);
    expect([wireApi, run.exitCode, run.stdout]).toEqual([wireApi, 0, `${answer}\n`]);
  }
});

test("a call that a weak model prints is made", async () => {
  const printed = `<tool_call>\n{"name": "exec_command", "arguments": {"cmd": "cat add.mjs"}}\n</tool_call>`;
  await using world = await execWorld({
    files: FILES,
    wireApi: "chat",
    steps: [says(printed), says("Seen.")],
  });
  const run = await world.exec(["look"]);
  expect(run.stdout).toBe("Seen.\n");
  expect(world.server.requests[1]?.toolOutputs[0]).toContain("return a - b");
});

const REFUSED: readonly (readonly [string, WorldOptions, string, string])[] = [
  [
    "a Responses-only model over chat",
    { wireApi: "chat", model: "gpt-5.3-codex" },
    "not to chat",
    'wire_api = "responses"',
  ],
  [
    "a completion model over Responses",
    { model: "code-davinci-002" },
    "GPT-3.5 Turbo or GPT-4 by chat",
    "model_catalog_json",
  ],
  [
    "a model that was shut down",
    { model: "codex-mini-latest" },
    'The model "codex-mini-latest" was shut down on 2026-02-12 (D2). [model_not_found]',
    "Choose another model: one that quire models lists.",
  ],
];
test.each(REFUSED)(
  "%s is refused with the way out, before anything is sent",
  async (_name, options, said, next) => {
    await using world = await execWorld({ ...options, steps: [says("never")] });
    const run = await world.exec(["hi"]);
    expect(run.exitCode).not.toBe(0);
    expect(run.stderr).toContain(said);
    expect(run.stderr).toContain(next);
    expect(world.server.requests).toHaveLength(0);
  },
);

test("a model that was shut down is taken where the user says that the endpoint still has it", async () => {
  await using world = await execWorld({ model: "codex-mini-latest", steps: [says("still here")] });
  const file = join(world.home.path, "models.json");
  await writeFile(file, '{"models":[{"id":"codex-mini-latest"}]}');
  const run = await world.exec(["-c", `model_catalog_json=${JSON.stringify(file)}`, "hi"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "still here\n" });
});

test("a model over chat is taken where the user says that the endpoint translates", async () => {
  await using folder = await temporaryDirectory("quire-catalogue-");
  const file = join(folder.path, "models.json");
  await writeFile(file, JSON.stringify({ models: [{ id: "gpt-5.3-codex", endpoints: ["chat"] }] }));
  await using world = await execWorld({
    wireApi: "chat",
    model: "gpt-5.3-codex",
    config: `model_catalog_json = ${JSON.stringify(file)}\n`,
    steps: [says("hi")],
  });
  expect((await world.exec(["hi"])).stdout).toBe("hi\n");
});

test("an image for a model that takes text only is refused with a reason, before anything is sent", async () => {
  await using folder = await temporaryDirectory("quire-catalogue-");
  const [file, image] = [join(folder.path, "models.json"), join(folder.path, "a.png")];
  await writeFile(file, JSON.stringify({ models: [{ id: "local-model", modalities: ["text"] }] }));
  await writeFile(image, Buffer.from("89504e470d0a1a0a", "hex"));
  const config = `model_catalog_json = ${JSON.stringify(file)}\n`;
  await using world = await execWorld({ wireApi: "chat", config, steps: [says("never")] });
  const run = await world.exec(["what is this?", "-i", image]);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toContain('the model "local-model" takes no images (user catalogue)');
  expect(world.server.requests).toHaveLength(0);
});
