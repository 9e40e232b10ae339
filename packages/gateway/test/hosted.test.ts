import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { callsTool, callsTools, replies, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { errorIn, gatewayWorld } from "./gateway-world.ts";

const shell = { type: "shell" as const, environment: { type: "container_auto" as const } };

describe("the shell", () => {
  test("runs commands in the sandbox, shows them in OpenAI's items and goes on until the model answers", async () => {
    await using world = await gatewayWorld([
      callsTool("shell", { commands: ["echo one > f; cat f", "exit 3"] }, { callId: "call_1" }),
      says("Done."),
    ]);
    const response = await world.openai.responses.create({
      model: "scripted-model",
      input: "go",
      tools: [shell],
    });
    expect(response).toMatchObject({ status: "completed", output_text: "Done." });
    expect(response.output).toMatchObject([
      {
        type: "shell_call",
        status: "completed",
        call_id: "call_1",
        action: { commands: ["echo one > f; cat f", "exit 3"], timeout_ms: 60_000 },
        environment: { type: "container_reference", container_id: expect.stringMatching(/^cntr_/) },
      },
      {
        type: "shell_call_output",
        status: "completed",
        call_id: "call_1",
        output: [
          { stdout: "one\n", stderr: "", outcome: { type: "exit", exit_code: 0 } },
          { stdout: "", stderr: "", outcome: { type: "exit", exit_code: 3 } },
        ],
      },
      { type: "message" },
    ]);
    expect(world.server.requests[1]?.toolOutputs).toEqual(["exit code 0\none\n\n\nexit code 3"]);
    expect(world.usage).toHaveLength(2);
    // The items go back as they came, and the model sees the call that it made.
    await world.post("/v1/responses", { model: "scripted-model", input: response.output });
    expect(world.server.requests[2]?.toolOutputs).toEqual(world.server.requests[1]?.toolOutputs);
  });

  test("has no network, sees nothing of the user's home, and ends at its time limit", async () => {
    const commands = [
      "cat /proc/net/route | wc -l; (exec 3<>/dev/tcp/1.1.1.1/53) 2>&1 | tail -c 24",
      `ls ${os.homedir()}/.ssh`,
    ];
    await using world = await gatewayWorld([
      callsTool("shell", { commands }),
      callsTool("shell", { commands: ["sleep 20"], timeout_ms: 300 }),
      says("Done."),
    ]);
    const response = await world.openai.responses.create({
      model: "scripted-model",
      input: "go",
      tools: [shell],
    });
    const outputs = response.output.flatMap((item) => (item.type === "shell_call_output" ? item.output : []));
    expect(outputs.map(({ outcome }) => outcome)).toMatchObject([
      { type: "exit" },
      { type: "exit", exit_code: 2 },
      { type: "timeout" },
    ]);
    expect(outputs[0]?.stdout).toMatch(/unreachable/);
  });

  test("allowed_commands are judged on the parsed command", async () => {
    const commands = ["echo fine | wc -c", "echo x; rm f", "echo $(id)", "python3 -c 'print(1)'", "env rm f"];
    await using world = await gatewayWorld([callsTool("shell", { commands }), says("Done.")]);
    const answer = await world.post("/v1/responses", {
      model: "scripted-model",
      input: "go",
      tools: [{ type: "bash", allowed_commands: ["echo", "wc", "env", "python3"] }],
    });
    const Output = z.looseObject({ output: z.array(z.object({ stdout: z.string(), stderr: z.string() })) });
    const body = z.object({ output: z.tuple([z.unknown(), Output, z.unknown()]) }).parse(await answer.json());
    expect(body.output[1].output.map(({ stdout, stderr }) => stdout + stderr)).toEqual([
      "5\n",
      "not run: rm is not among the allowed commands",
      'not run: not a plain command: the character "$"',
      "not run: python3 can run anything: allow the whole command that is meant",
      "not run: rm is not among the allowed commands",
    ]);
  });

  test("rounds are bounded by max_tool_calls; calls for the client end the response", async () => {
    const call = callsTool("shell", { commands: ["true"] });
    await using world = await gatewayWorld([], {
      script: { afterwards: (request) => (request.tools.length > 0 ? call : says("Enough.")) },
    });
    const bounded = await world.openai.responses.create({
      model: "scripted-model",
      input: "go",
      tools: [shell],
      max_tool_calls: 2,
    } as Parameters<typeof world.openai.responses.create>[0] & { stream?: false });
    expect(bounded.output.filter(({ type }) => type === "shell_call")).toHaveLength(2);
    expect(bounded.output_text).toBe("Enough.");
    await using mixed = await gatewayWorld([
      callsTools([
        ["shell", { commands: ["echo hi"] }, { callId: "a" }],
        ["ask_me", {}, { callId: "b" }],
      ]),
      says("Thanks."),
    ]);
    const tools = [shell, { type: "function" as const, name: "ask_me", parameters: null, strict: false }];
    const first = await mixed.openai.responses.create({ model: "scripted-model", input: "go", tools });
    expect(first.output.map(({ type }) => type)).toEqual([
      "function_call",
      "shell_call",
      "shell_call_output",
    ]);
    await mixed.openai.responses.create({
      model: "scripted-model",
      tools,
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: "b", output: "yes" }],
    });
    expect(mixed.server.requests[1]?.toolOutputs).toEqual(["exit code 0\nhi\n", "yes"]);
  });
});

test("a forced call is forced once: with its output the model may answer", async () => {
  await using world = await gatewayWorld([callsTool("shell", { commands: ["true"] }), says("Done.")]);
  const response = await world.openai.responses.create({
    model: "scripted-model",
    input: "go",
    tools: [shell],
    tool_choice: { type: "shell" },
  });
  expect(response.output_text).toBe("Done.");
  expect(world.server.requests.map(({ body }) => body)).toMatchObject([
    { tool_choice: { type: "function", name: "shell" } },
    { tool_choice: "auto" },
  ]);
});

test("a container can be used again by its id; one that is not there is said to be gone", async () => {
  await using world = await gatewayWorld([
    callsTool("shell", { commands: ["echo kept > f"] }),
    says("ok"),
    callsTool("code_interpreter", { code: "print(open('f').read())" }),
    says("ok"),
  ]);
  const first = await world.openai.responses.create({ model: "scripted-model", input: "go", tools: [shell] });
  const call = first.output[0];
  const environment = call?.type === "shell_call" ? call.environment : null;
  const container = environment?.type === "container_reference" ? environment.container_id : "";
  const tools = [{ type: "code_interpreter" as const, container }];
  const second = await world.openai.responses.create({ model: "scripted-model", input: "go", tools });
  expect(second.output[0]).toMatchObject({ container_id: container, outputs: [{ logs: "kept\n\n" }] });
  const gone = await world.post("/v1/responses", {
    model: "scripted-model",
    input: "go",
    tools: [{ type: "code_interpreter", container: "cntr_0000000000000000" }],
  });
  expect(await errorIn(gone)).toMatchObject({ status: 404, code: "container_not_found" });
});

describe("the code interpreter", () => {
  const interpreter = { type: "code_interpreter" as const, container: { type: "auto" as const } };

  test("runs Python, keeps files in the container, and lists them", async () => {
    const code = "import os\nopen('out.csv','w').write('a,b\\n')\nprint(sorted(os.listdir()))\n6*7";
    await using world = await gatewayWorld([callsTool("code_interpreter", { code }), says("42")]);
    const stream = world.openai.responses.stream({
      model: "scripted-model",
      tools: [interpreter],
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "go" },
            { type: "input_file", filename: "../in.bin", file_data: "data:application/x;base64,AAEC" },
          ],
        },
      ],
    });
    const types: string[] = [];
    stream.on("event", ({ type }) => types.push(type));
    const response = await stream.finalResponse();
    const call = response.output.find((item) => item.type === "code_interpreter_call");
    expect(call).toMatchObject({
      status: "completed",
      code,
      outputs: [{ type: "logs", logs: "['in.bin', 'out.csv']\n42\n" }],
    });
    expect(types.filter((type) => type.includes("code_interpreter"))).toEqual([
      "response.code_interpreter_call.in_progress",
      "response.code_interpreter_call_code.delta",
      "response.code_interpreter_call_code.done",
      "response.code_interpreter_call.interpreting",
      "response.code_interpreter_call.completed",
    ]);
    const container = call?.type === "code_interpreter_call" ? call.container_id : "";
    const files = await world.openai.containers.files.list(container);
    expect(files.data.map((file) => [file.path, file.bytes])).toEqual([
      ["in.bin", 3],
      ["out.csv", 4],
    ]);
    const content = await world.openai.containers.files.content.retrieve(files.data[1]?.id ?? "", {
      container_id: container,
    });
    expect(await content.text()).toBe("a,b\n");
  });

  test("has limits of memory and no network; an error is the model's to see", async () => {
    const code = "bytearray(3 * 10**9)";
    const net = "import socket\nsocket.create_connection(('1.1.1.1', 53), 2)";
    await using world = await gatewayWorld([
      replies(callsTool("code_interpreter", { code }), callsTool("code_interpreter", { code: net })),
      says("ok"),
    ]);
    await world.openai.responses.create({ model: "scripted-model", input: "go", tools: [interpreter] });
    const outputs = world.server.requests[1]?.toolOutputs ?? [];
    expect(outputs[0]).toMatch(/MemoryError[\s\S]*exit code 1/);
    expect(outputs[1]).toMatch(/unreachable[\s\S]*exit code 1/);
  });

  test("a link that the code left to a file outside is not followed", async () => {
    const code =
      "import os\nos.symlink('/etc/passwd', 'link')\nos.symlink('/etc', 'folder')\nopen('real','w').close()";
    await using world = await gatewayWorld([callsTool("code_interpreter", { code }), says("ok")]);
    const response = await world.openai.responses.create({
      model: "scripted-model",
      input: "go",
      tools: [interpreter],
    });
    const call = response.output[0];
    const container = call?.type === "code_interpreter_call" ? call.container_id : "";
    const files = await world.openai.containers.files.list(container);
    expect(files.data.map((file) => file.path)).toEqual(["real"]);
    for (const id of ["cntr_00000000000000000000", "..%2F..", "cntr_..%2f..%2fetc"]) {
      expect((await world.fetch(`/v1/containers/${id}/files`)).status).toBe(404);
    }
  });
});

describe("files", () => {
  test("text and pictures by data URL and from the open folder; everything else is refused with its reason", async () => {
    const base = await mkdtemp(path.join(os.tmpdir(), "gateway-files-"));
    const root = path.join(base, "open");
    await mkdir(path.join(root, "sub"), { recursive: true });
    await writeFile(path.join(root, "sub/a b.txt"), "hello");
    await writeFile(path.join(base, "secret.txt"), "secret");
    await symlink(path.join(base, "secret.txt"), path.join(root, "link.txt"));
    await symlink(base, path.join(root, "up"));
    await writeFile(path.join(root, "big.txt"), Buffer.alloc(200_000, "x"));
    await using world = await gatewayWorld([], {
      script: { afterwards: says("ok") },
      options: { filesRoot: root, files: { maxFileBytes: 100_000 } },
    });
    const ask = (file: object) =>
      world.post("/v1/responses", {
        model: "scripted-model",
        input: [{ role: "user", content: [{ type: "input_file", ...file }] }],
      });
    const at = (name: string) => ({ file_url: pathToFileURL(path.join(root, name)).href });
    expect((await ask(at("sub/a b.txt"))).status).toBe(200);
    expect((await ask({ filename: "b.md", file_data: "data:text/markdown;base64,aGk=" })).status).toBe(200);
    expect(world.server.requests.map(({ inputTexts }) => inputTexts)).toEqual([
      ['The file "a b.txt":\nhello'],
      ['The file "b.md":\nhi'],
    ]);
    const refused: [object, RegExp][] = [
      [at("../secret.txt"), /outside the folder/],
      [{ file_url: `${pathToFileURL(root).href}/%2e%2e/secret.txt` }, /outside the folder/],
      [{ file_url: "file:///etc/passwd" }, /outside the folder/],
      [at("link.txt"), /it is a link/],
      [at("up/secret.txt"), /outside the folder/],
      [at("sub"), /not a regular file/],
      [at("none"), /no such file/],
      [at("big.txt"), /larger than 100000 bytes/],
      [{ file_url: "http://127.0.0.1:1/x" }, /fetches nothing/],
      [{ file_url: "file://host/x" }, /fetches nothing/],
      [{ file_id: "file_1" }, /No such File object/],
      [{ file_data: "data:text/plain;base64,%%%" }, /data: URL in base64/],
      [{ filename: "x.bin", file_data: "data:application/pdf;base64,AAEC" }, /Only text/],
      [{}, /needs file_id, file_data or file_url/],
    ];
    for (const [file, why] of refused) {
      const error = await errorIn(await ask(file));
      expect([error.status, error.param]).toEqual([400, expect.stringMatching(/^input\[0\]\.content\[0\]/)]);
      expect(error.message).toMatch(why);
    }
    expect(world.server.requests).toHaveLength(2);
    await rm(base, { recursive: true });
  });
});
