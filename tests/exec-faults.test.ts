import { assertAppendOnly, callsTool, delivered, fault, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

// All of it waiting, so it comes first and has the others run beside it.
test.concurrent("a stall is reported after ten seconds and waited out", async () => {
  await using world = await execWorld({
    steps: [delivered(says("slow but whole"), { stall: { afterDeltas: 1, ms: 11_000 } })],
  });
  const run = await world.exec(["go"], { timeoutMs: 40_000 });
  expect(run).toMatchObject({ exitCode: 0, stdout: "slow but whole\n" });
  expect(run.stderr).toContain("the model has been silent for 10 s");
});

test.concurrent.each([
  ["429 with Retry-After", fault({ status: 429, retryAfter: 1 }), "model_rate_limited"],
  ["500", fault({ status: 500 }), "model_server_error"],
  ["503", fault({ status: 503 }), "model_"],
  ["a socket that drops in the middle", fault({ drop: "midway" }), "model_stream_cut"],
  ["a stream that ends before its end", fault({ truncate: true }), "model_stream_cut"],
  ["broken SSE", fault({ malformed: true }), "model_stream_malformed"],
  ["a page of HTML", fault({ html: true }), "model_stream_malformed"],
])(
  "%s is retried, shown once with its code, and leaves no trace in the answer",
  async (_name, broken, code) => {
    await using world = await execWorld({
      steps: [callsTool("exec_command", { cmd: "echo x >> log.txt" }), broken, says("recovered")],
    });
    const run = await world.exec(["go"]);
    expect({ exitCode: run.exitCode, stdout: run.stdout }).toEqual({ exitCode: 0, stdout: "recovered\n" });
    expect(run.stderr.split("\n").filter((line) => line.startsWith("↻"))).toEqual([
      expect.stringContaining(code),
    ]);
    expect(await world.repository.read("log.txt")).toBe("x\n");
    assertAppendOnly(world.server.requests);
  },
);

test.concurrent("a first connection that closes before any byte is retried and shown", async () => {
  await using world = await execWorld({ steps: [fault({ drop: "before" }), says("recovered")] });
  const run = await world.exec(["go"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "recovered\n" });
  expect(run.stderr).toMatch(/↻ .*\[model_/);
});

test.concurrent.each([
  ["401", fault({ status: 401, message: "bad key" }), "model_unauthorized", 1],
  ["404", fault({ status: 404, code: "model_not_found" }), "model_not_found", 1],
  ["400", fault({ status: 400, message: "no such parameter" }), "model_bad_request", 1],
  [
    "a context that is too long",
    fault({ status: 400, code: "context_length_exceeded" }),
    "context_too_long",
    1,
  ],
  ["a used-up quota", fault({ status: 429, code: "insufficient_quota" }), "model_usage_limit", 1],
])(
  "%s ends the turn at once with a typed error and nothing on stdout",
  async (_name, broken, code, requests) => {
    await using world = await execWorld({ script: { afterwards: broken } });
    const run = await world.exec(["go"]);
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(run.stderr).toContain(`[${code}]`);
    expect(run.stderr).not.toContain("key-for-tests");
    expect(world.server.requests).toHaveLength(requests);
  },
);

test.concurrent("when the retries are used up the turn fails typed; stdout stays empty", async () => {
  await using world = await execWorld({
    script: { afterwards: fault({ truncate: true }) },
    config: "",
  });
  const { run, events } = await world.execJson(["-c", "model_providers.scripted.stream_max_retries=1", "go"]);
  expect(run.exitCode).toBe(1);
  expect(events.filter((event) => event.type === "error").map((event) => event.will_retry)).toEqual([
    true,
    false,
  ]);
  expect(events.at(-1)).toMatchObject({
    type: "turn.failed",
    error: { code: "model_stream_cut", retryable: true },
  });
});

test.concurrent("an answer cut by its length limit is kept and the turn fails saying so", async () => {
  await using world = await execWorld({
    steps: [says("half of an", { outcome: { kind: "incomplete", reason: "max_output_tokens" } })],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(1);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "item.completed",
      item: expect.objectContaining({ text: "half of an" }),
    }),
  );
  expect(events.at(-1)).toMatchObject({ type: "turn.failed", error: { code: "model_incomplete" } });
});

test.concurrent("one byte at a time is the same answer", async () => {
  await using world = await execWorld({ steps: [delivered(says("häppchenweise 🦀"), { chunkBytes: 1 })] });
  expect((await world.exec(["go"])).stdout).toBe("häppchenweise 🦀\n");
});

test.concurrent("nobody listening is a typed error that names the address", async () => {
  await using world = await execWorld();
  await world.server.close();
  const run = await world.exec(["-c", "model_providers.scripted.request_max_retries=0", "go"]);
  expect(run).toMatchObject({ exitCode: 1, stdout: "" });
  expect(run.stderr).toMatch(/127\.0\.0\.1.*\[model_unreachable\]/);
});
