import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { callsTool, says } from "@quire/test-support";
import { toFile } from "openai";
import { expect, test } from "vitest";
import { errorIn, gatewayWorld, TOKEN, type World } from "./gateway-world.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const model = "scripted-model";

async function upload(
  world: World,
  text: string | Buffer,
  name = "notes.txt",
  purpose = "user_data" as const,
) {
  return world.openai.files.create({ file: await toFile(Buffer.from(text), name), purpose });
}

test("the client's whole round: upload, wait, list, retrieve, content, delete", async () => {
  await using world = await gatewayWorld();
  const { files } = world.openai;
  const made = [
    await upload(world, "one"),
    await upload(world, "two", "b.txt"),
    await upload(world, PNG, "c.png"),
  ];
  expect(made[0]).toEqual({
    id: expect.stringMatching(/^file-[0-9a-f]{48}$/),
    object: "file",
    bytes: 3,
    created_at: expect.any(Number),
    filename: "notes.txt",
    purpose: "user_data",
    status: "processed",
  });
  const ids = made.map(({ id }) => id);
  expect(await files.waitForProcessing(ids[0] ?? "")).toEqual(made[0]);
  const listed: string[] = [];
  for await (const file of files.list({ limit: 2, order: "asc" })) listed.push(file.id);
  expect(listed.toSorted()).toEqual(ids.toSorted());
  expect((await files.list({ purpose: "vision" })).data).toEqual([]);
  expect(await files.retrieve(ids[1] ?? "")).toEqual(made[1]);
  expect(await (await files.content(ids[1] ?? "")).text()).toBe("two");
  expect(await files.delete(ids[1] ?? "")).toEqual({ id: ids[1], object: "file", deleted: true });
  for (const gone of [
    files.retrieve(ids[1] ?? ""),
    files.content(ids[1] ?? ""),
    files.delete(ids[1] ?? ""),
  ]) {
    await expect(gone).rejects.toMatchObject({ status: 404, code: "not_found" });
  }
});

test.each(["responses", "chat", "anthropic"])("files by id reach a provider that speaks %s", async (wire) => {
  await using world = await gatewayWorld([], { wire, script: { afterwards: says("ok") } });
  const text = await upload(world, "the facts", "../../facts.txt");
  const picture = await upload(world, PNG, "no-name");
  await world.openai.responses.create({
    model,
    input: [
      {
        role: "user",
        content: [
          { type: "input_file", file_id: text.id },
          { type: "input_image", file_id: picture.id, detail: "low" },
        ],
      },
    ],
  });
  await world.openai.chat.completions.create({
    model,
    messages: [
      {
        role: "user",
        content: [
          { type: "file", file: { file_id: text.id } },
          { type: "file", file: { file_id: picture.id } },
        ],
      },
    ],
  });
  expect(world.server.requests).toHaveLength(2);
  for (const { raw } of world.server.requests) {
    const body = raw.toString("utf8");
    expect(body).toContain('The file \\"facts.txt\\":\\nthe facts');
    expect(body).toContain(PNG.toString("base64"));
  }
});

test("the offline engine reads them too, and takes no pictures", async () => {
  await using world = await gatewayWorld();
  const text = await upload(world, "the facts");
  const content = [{ type: "input_file" as const, file_id: text.id }];
  const input = [{ role: "user" as const, content }];
  const answer = await world.openai.responses.create({ model: "offline-repair", input });
  expect(answer.output_text).toContain("not a language model");
  const picture = await upload(world, PNG, "p.png");
  const refused = await world.post("/v1/responses", {
    model: "offline-repair",
    input: [{ role: "user", content: [{ type: "input_image", file_id: picture.id }] }],
  });
  expect(await errorIn(refused)).toMatchObject({ status: 400, param: "input[0].content[0]" });
});

test("uploaded files lie in the container of a hosted tool", async () => {
  await using world = await gatewayWorld([callsTool("shell", { commands: ["cat facts.txt"] }), says("ok")]);
  const text = await upload(world, "the facts", "facts.txt");
  const environment = { type: "container_auto" as const, file_ids: [text.id] };
  await world.openai.responses.create({ model, input: "go", tools: [{ type: "shell", environment }] });
  expect(world.server.requests[1]?.toolOutputs).toEqual(["exit code 0\nthe facts"]);
});

test("what is wrong is said by name, and nothing outside is ever read", async () => {
  await using world = await gatewayWorld([], {
    options: { files: { maxFileBytes: 10, maxFiles: 2, maxTotalBytes: 12 } },
  });
  const { files } = world.openai;
  const form = async (entries: [string, string | Blob][]) => {
    const body = new FormData();
    for (const [name, value] of entries) body.append(name, value);
    return errorIn(await world.fetch("/v1/files", { method: "POST", body }));
  };
  const file = new Blob(["x"]);
  expect(await form([["purpose", "user_data"]])).toMatchObject({ status: 400, param: "file" });
  expect(await form([["file", file]])).toMatchObject({ status: 400, param: "purpose" });
  expect(
    await form([
      ["file", file],
      ["purpose", "fine-tune"],
    ]),
  ).toMatchObject({ status: 400, param: "purpose" });
  expect(
    await form([
      ["file", "text"],
      ["purpose", "user_data"],
    ]),
  ).toMatchObject({ status: 400, param: "file" });
  expect(
    await form([
      ["file", file],
      ["file", file],
      ["purpose", "user_data"],
    ]),
  ).toMatchObject({
    code: "invalid_form",
  });
  expect(
    await form([
      ["file", file],
      ["purpose", "user_data"],
      ["x", "y"],
    ]),
  ).toMatchObject({ param: "x" });
  const broken = await world.fetch("/v1/files", {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: "--x\r\nno form",
  });
  expect(await errorIn(broken)).toMatchObject({ status: 400, code: "invalid_form" });
  expect(await errorIn(await world.post("/v1/files", { purpose: "user_data" }))).toMatchObject({
    status: 415,
  });
  await expect(upload(world, "12345678901")).rejects.toMatchObject({
    status: 400,
    code: "file_limit_exceeded",
  });
  const kept = await upload(world, "1234567890");
  await expect(upload(world, "123")).rejects.toMatchObject({ code: "file_limit_exceeded" });
  await upload(world, "12");
  await expect(upload(world, "")).rejects.toMatchObject({ code: "file_limit_exceeded" });
  for (const id of ["..%2F..%2Fgateway-token", `${kept.id}.json`, "file-00%00", "resp_0000000000000000"]) {
    expect((await world.fetch(`/v1/files/${id}/content`)).status).toBe(404);
    const input = [{ role: "user", content: [{ type: "input_file", file_id: decodeURIComponent(id) }] }];
    expect(await errorIn(await world.post("/v1/responses", { model, input }))).toMatchObject({
      status: 400,
      param: "input[0].content[0].file_id",
      code: "not_found",
    });
  }
  const picture = [{ role: "user", content: [{ type: "input_image", file_id: kept.id }] }];
  expect(await errorIn(await world.post("/v1/responses", { model, input: picture }))).toMatchObject({
    message: `The file '${kept.id}' is not a PNG, JPEG, GIF or WebP image.`,
  });
  expect(world.server.requests).toEqual([]);
  expect((await files.list()).data).toHaveLength(2);
});

test("files survive a restart, go when they expire, and what a crash left goes too", async () => {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "gateway-files-"));
  const folder = path.join(stateDir, "files");
  let id = "";
  let short = "";
  {
    await using world = await gatewayWorld([], { stateDir });
    ({ id } = await upload(world, "kept"));
    const made = await world.openai.files.create({
      file: await toFile(Buffer.from("short"), "s.txt"),
      purpose: "vision",
      expires_after: { anchor: "created_at", seconds: 3_600 },
    });
    expect(made.expires_at).toBe(made.created_at + 3_600);
    short = made.id;
  }
  expect((await stat(path.join(folder, `${id}.bin`))).mode & 0o777).toBe(0o600);
  const torn = `file-${"0".repeat(48)}`;
  await writeFile(path.join(folder, `${torn}.bin`), "half an upload");
  const inTwoHours = () => Date.now() + 7_200_000;
  await using world = await gatewayWorld([says("ok")], { stateDir, deps: { nowMs: inTwoHours } });
  expect((await world.openai.files.list()).data.map((file) => file.id)).toEqual([id]);
  await expect(world.openai.files.retrieve(short)).rejects.toMatchObject({ status: 404 });
  expect((await readdir(folder)).toSorted()).toEqual([`${id}.bin`, `${id}.json`]);
  await world.openai.responses.create({
    model,
    input: [{ role: "user", content: [{ type: "input_file", file_id: id }] }],
  });
  expect(world.server.requests[0]?.inputTexts).toEqual(['The file "notes.txt":\nkept']);
  await rm(stateDir, { recursive: true });
});

test("a form from a web page is turned away like everything else", async () => {
  await using world = await gatewayWorld();
  const body = new FormData();
  body.append("purpose", "user_data");
  body.append("file", new Blob(["x"]));
  const origin = "https://evil.example";
  for (const headers of [{ origin }, { origin, authorization: `Bearer ${TOKEN}` }, { authorization: "" }]) {
    const answer = await world.fetch("/v1/files", { method: "POST", body, headers });
    expect([401, 403]).toContain(answer.status);
  }
  expect((await world.openai.files.list()).data).toEqual([]);
});
