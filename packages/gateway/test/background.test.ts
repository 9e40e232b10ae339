import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { delivered, fault, says } from "@quire/test-support";
import type OpenAI from "openai";
import { expect, test } from "vitest";
import { gatewayWorld, polled } from "./gateway-world.ts";

const slow = delivered(says({ deltas: 40, chars: 4 }), { ratePerSecond: 40 });
const stuck = delivered(says({ deltas: 40, chars: 4 }), { stall: { afterDeltas: 3, ms: 60_000 } });
const request = { model: "scripted-model", input: "Hi", background: true as const };

test("a background response is there at once, runs without its client, and can be polled to its end", async () => {
  await using world = await gatewayWorld([
    says("Done."),
    fault({ status: 500 }),
    fault({ status: 500 }),
    says("Second try."),
  ]);
  const begun = await world.openai.responses.create(request);
  expect(begun).toMatchObject({
    background: true,
    status: expect.stringMatching(/queued|in_progress/),
    output: [],
  });
  expect(await polled(world.openai, begun.id)).toMatchObject({ status: "completed", output_text: "Done." });
  // Nobody waits for it, so the gateway tries again by itself.
  const retried = await world.openai.responses.create(request);
  expect(await polled(world.openai, retried.id)).toMatchObject({
    status: "completed",
    output_text: "Second try.",
  });
});

test("cancelling ends the call at the provider; a second time changes nothing", async () => {
  await using world = await gatewayWorld([stuck, says("x")]);
  const begun = await world.openai.responses.create(request);
  await world.server.arrived(1);
  const cancelled = await world.openai.responses.cancel(begun.id);
  expect(cancelled).toMatchObject({ id: begun.id, status: "cancelled" });
  expect(await world.openai.responses.cancel(begun.id)).toEqual(cancelled);
  expect(await world.openai.responses.retrieve(begun.id)).toEqual({ ...cancelled, output_text: "" });
  await expect.poll(() => world.server.requests[0]?.closedByClient).toBe(true);
  const plain = await world.openai.responses.create({ model: "scripted-model", input: "Hi" });
  await expect(world.openai.responses.cancel(plain.id)).rejects.toMatchObject({ status: 400 });
  await expect(
    world.openai.responses.create({
      model: "scripted-model",
      input: "Hi",
      previous_response_id: "resp_0000000000000000",
    }),
  ).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
});

test("a stream that was lost is taken up again where it was, while it runs and after it", async () => {
  await using world = await gatewayWorld([slow]);
  const stream = await world.openai.responses.create({ ...request, stream: true });
  const seen: OpenAI.Responses.ResponseStreamEvent[] = [];
  let id = "";
  for await (const event of stream) {
    if (event.type === "response.created") id = event.response.id;
    seen.push(event);
    if (seen.length === 10) break;
  }
  const last = seen.at(-1)?.sequence_number ?? -1;
  const rest = await world.openai.responses.retrieve(id, { stream: true, starting_after: last });
  for await (const event of rest) seen.push(event);
  expect(seen.map((event) => event.sequence_number)).toEqual(seen.map((_, index) => index));
  expect(seen.at(-1)?.type).toBe("response.completed");
  const again: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await world.openai.responses.retrieve(id, { stream: true })) again.push(event);
  expect(again).toEqual(seen);
  const final = await world.openai.responses.stream({ response_id: id, starting_after: 5 }).finalResponse();
  expect(final.output_text).toHaveLength(160);
  const notStreamed = await world.openai.responses.retrieve(id);
  expect(notStreamed.output_text).toBe(final.output_text);
});

test("a client that leaves a foreground response ends it", async () => {
  await using world = await gatewayWorld([stuck]);
  const stream = await world.openai.responses.create({ model: "scripted-model", input: "Hi", stream: true });
  let id = "";
  for await (const event of stream) {
    if (event.type === "response.created") id = event.response.id;
    if (event.type === "response.output_text.delta") break;
  }
  await expect.poll(() => world.server.requests[0]?.closedByClient).toBe(true);
  await expect.poll(async () => (await world.openai.responses.retrieve(id)).status).toBe("cancelled");
});

test("what is not stored, was deleted or has no such id is not found", async () => {
  await using world = await gatewayWorld([], { script: { afterwards: says("ok") } });
  const forgotten = await world.openai.responses.create({
    model: "scripted-model",
    input: "Hi",
    store: false,
  });
  expect(forgotten).toMatchObject({ store: false });
  await expect(world.openai.responses.retrieve(forgotten.id)).rejects.toMatchObject({ status: 404 });
  const kept = await world.openai.responses.create({ model: "scripted-model", input: "Hi" });
  await world.openai.responses.delete(kept.id);
  await expect(world.openai.responses.retrieve(kept.id)).rejects.toMatchObject({ status: 404 });
  for (const id of ["resp_x", "..%2F..%2Fgateway-token", "resp_00%00", "%ff", "resp_0000000000000000.json"]) {
    expect((await world.fetch(`/v1/responses/${id}`)).status).toBe(404);
  }
  expect(await readdir(path.join(world.stateDir, "responses"))).toEqual([]);
});

test("another process finds what was finished, and says of the rest that it was lost", async () => {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "gateway-state-"));
  let finished = "";
  let streaming = "";
  let running = "";
  {
    await using world = await gatewayWorld([says("Done."), stuck, stuck], { stateDir });
    finished = (await world.openai.responses.create({ model: "scripted-model", input: "Hi" })).id;
    const stream = await world.openai.responses.create({ ...request, stream: true });
    for await (const event of stream) {
      if (event.type === "response.created") streaming = event.response.id;
      if (event.type === "response.output_text.delta") break;
    }
    running = (await world.openai.responses.create(request)).id;
    await world.server.arrived(3);
    // As a crash leaves it: the files of this moment, put back after the gateway has tidied up.
    const folder = path.join(stateDir, "responses");
    const files = await Promise.all(
      [streaming, running].map(async (id) => [id, await readFile(path.join(folder, `${id}.json`))] as const),
    );
    const events = await readFile(path.join(stateDir, "events", `${streaming}.jsonl`));
    await world.gateway.close(0);
    for (const [id, text] of files) {
      await writeFile(path.join(folder, `${id}.json`), text);
      await writeFile(path.join(stateDir, "running", `${id}.json`), "owner that is gone");
    }
    await writeFile(path.join(stateDir, "events", `${streaming}.jsonl`), events);
    await appendFile(path.join(stateDir, "events", `${streaming}.jsonl`), '{"type":"response.outp');
  }
  await using world = await gatewayWorld([says("Go on.")], { stateDir });
  expect(world.notes).toEqual(["2 unfinished responses of an earlier process were marked as failed"]);
  expect(await world.openai.responses.retrieve(finished)).toMatchObject({
    status: "completed",
    output_text: "Done.",
  });
  for (const id of [streaming, running]) {
    expect(await world.openai.responses.retrieve(id)).toMatchObject({
      status: "failed",
      error: { code: "server_error", message: expect.stringContaining("The gateway ended before") },
    });
  }
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await world.openai.responses.retrieve(streaming, { stream: true }))
    events.push(event);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.at(-1)?.type).toBe("response.failed");
  const next = await world.openai.responses.create({
    model: "scripted-model",
    input: "and?",
    previous_response_id: finished,
  });
  expect(next.output_text).toBe("Go on.");
  expect(world.server.requests[0]?.inputTexts).toEqual(["Hi", "Done.", "and?"]);
  const file = await stat(path.join(stateDir, "responses", `${finished}.json`));
  expect(file.mode & 0o777).toBe(0o600);
  await rm(stateDir, { recursive: true });
});

test("stopping stores what ran in the background as failed, with the reason", async () => {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "gateway-state-"));
  await using world = await gatewayWorld([stuck], { stateDir });
  const { id } = await world.openai.responses.create(request);
  await world.server.arrived(1);
  await world.gateway.close(0);
  const record = JSON.parse(await readFile(path.join(stateDir, "responses", `${id}.json`), "utf8"));
  expect(record.response).toMatchObject({
    status: "failed",
    error: { message: "The gateway was stopped before this response was finished." },
  });
  expect(await readdir(path.join(stateDir, "running"))).toEqual([]);
  await rm(stateDir, { recursive: true });
});

test("a disk that takes nothing: an answer says that it is not stored, a background response is refused", async () => {
  await using world = await gatewayWorld([says("Paid for.")]);
  const folder = path.join(world.stateDir, "responses");
  await rm(folder, { recursive: true });
  await writeFile(folder, "in the way");
  const response = await world.openai.responses.create({ model: "scripted-model", input: "Hi" });
  expect(response).toMatchObject({ status: "completed", output_text: "Paid for.", store: false });
  await expect(world.openai.responses.create(request)).rejects.toMatchObject({
    status: 500,
    code: "internal",
  });
  expect(world.server.requests).toHaveLength(1);
  expect(world.notes).toEqual([
    expect.stringContaining("could not be stored"),
    expect.stringContaining("a request failed"),
  ]);
  expect(await readdir(path.join(world.stateDir, "running"))).toEqual([]);
});

test("what is too old or too much is removed", async () => {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "gateway-state-"));
  const ids: string[] = [];
  {
    await using world = await gatewayWorld([], { stateDir, script: { afterwards: says("ok") } });
    for (let index = 0; index < 4; index++) {
      const { id } = await world.openai.responses.create({ model: "scripted-model", input: "Hi" });
      ids.push(id);
      const changed = new Date(Date.now() - (index === 0 ? 40 * 24 * 3_600_000 : 60_000 - index * 1_000));
      await utimes(path.join(stateDir, "responses", `${id}.json`), changed, changed);
    }
  }
  await using world = await gatewayWorld([], { stateDir, options: { retention: { maxResponses: 2 } } });
  expect((await readdir(path.join(world.stateDir, "responses"))).sort()).toEqual(
    ids
      .slice(2)
      .map((id) => `${id}.json`)
      .sort(),
  );
  await rm(stateDir, { recursive: true });
});

test("a status that nobody knows is not the end: it is passed on, and nothing is built on it", async () => {
  await using world = await gatewayWorld([], { script: { afterwards: says("Done.") } });
  const { openai, stateDir } = world;
  const { id } = await openai.responses.create({ model: "scripted-model", input: "Hi" });
  const file = path.join(stateDir, "responses", `${id}.json`);
  const record = JSON.parse(await readFile(file, "utf8"));
  await writeFile(
    file,
    JSON.stringify({ ...record, response: { ...record.response, status: "paused", background: true } }),
  );
  expect(await openai.responses.retrieve(id)).toMatchObject({ status: "paused" });
  await expect(polled(openai, id, 200)).rejects.toThrow("the response did not end");
  await expect(
    openai.responses.create({ model: "scripted-model", input: "and?", previous_response_id: id }),
  ).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
  await expect(openai.responses.cancel(id)).rejects.toMatchObject({ status: 409 });
});

test("the offline engine in the background: polled to its end, and in a stream that is taken up again", async () => {
  await using world = await gatewayWorld();
  const { openai } = world;
  const asked = { model: "offline-repair", input: "Add a dark mode", background: true as const };
  const { id } = await openai.responses.create(asked);
  const whole = await polled(openai, id);
  expect(whole).toMatchObject({
    status: "completed",
    output_text: expect.stringContaining("not a language model"),
  });
  expect(await openai.responses.cancel(id)).toMatchObject({ status: "completed" });
  const types: string[] = [];
  let streamed = "";
  for await (const event of await openai.responses.create({ ...asked, stream: true })) {
    types.push(event.type);
    if (event.type === "response.created") streamed = event.response.id;
  }
  const again: string[] = [];
  for await (const event of await openai.responses.retrieve(streamed, { stream: true }))
    again.push(event.type);
  expect([again, types.at(-1)]).toEqual([types, "response.completed"]);
});
