import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseRollout } from "@quire/core";
import { fieldsOf, RequestBytes, replayRequests } from "@quire/core/explain";
import { cacheablePrefix, callsTool, prefixBreak, says } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

const TURNS = 200;
/** Of one length, so that bytes can be compared but for the name. */
const MODELS = ["gpt-5.3-codex", "gpt-5.2-codex"] as const;

/** What happens before a turn, and how often the model calls a tool in it. */
const turn = fc.record({
  change: fc.oneof(
    { weight: 9, arbitrary: fc.constant("nothing") },
    { weight: 2, arbitrary: fc.constantFrom("resume", "model") },
    { weight: 1, arbitrary: fc.constant("fork") },
  ),
  calls: fc.nat(1),
  text: fc.string({ unit: "binary", maxLength: 30 }),
});

async function predicted(world: ExecWorld): Promise<string[]> {
  const sessions = join(world.quireHome, "sessions");
  const names = (await readdir(sessions, { recursive: true }))
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  return names.flatMap((name) => {
    const bytes = new RequestBytes();
    const prefixes: string[] = [];
    for (const request of replayRequests(parseRollout(readFileSync(join(sessions, name))).records)) {
      const fields = fieldsOf(request);
      if (fields === null) throw new Error("the log does not hold the request");
      if (request.inheritedFrom === null) prefixes.push(bytes.prefix(fields, request.input).toString("utf8"));
    }
    return prefixes;
  });
}

test("over 200 turns with resumes, forks and models to and fro every request begins with the one before, as predicted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: TURNS, maxLength: TURNS }), async (plan) => {
      const plans = (n: number) => callsTool("update_plan", { plan: [{ step: `s${n}`, status: "pending" }] });
      const steps = plan.flatMap(({ calls }, n) => [
        ...Array.from({ length: calls }, () => plans(n)),
        says(`done ${n}`),
      ]);
      await using world = await execWorld({ steps });
      await using server = startAppServer(world);
      const { client } = server;
      await client.initialize();
      const open = async (method: string, params: object) =>
        String((await client.request(method, params)).thread.id);
      let threadId = await open("thread/start", { cwd: world.repository.path });
      let model = 0;
      for (const [n, { change, text }] of plan.entries()) {
        if (n > 0 && (change === "resume" || change === "fork")) {
          const before = threadId;
          if (change === "fork") threadId = await open("thread/fork", { threadId: before });
          await client.request("thread/unsubscribe", { threadId: before });
          if (change === "resume") await open("thread/resume", { threadId });
        }
        if (change === "model") model = 1 - model;
        const { turn: ended } = await client.turn(threadId, `turn ${n} ${text}`, { model: MODELS[model] });
        expect(ended.status).toBe("completed");
        client.frames.length = 0;
      }
      const sent = world.server.requests;
      expect(sent).toHaveLength(steps.length);
      const ofModel = new Map<string, (typeof sent)[number]>();
      for (const [n, request] of sent.entries()) {
        const { model: name } = JSON.parse(String(request.raw));
        const same = ofModel.get(name);
        if (same !== undefined) expect(prefixBreak(same, request), `request ${n}`).toBeNull();
        ofModel.set(name, request);
        const before = sent[n - 1];
        // Another model's request differs in the name and in nothing else.
        if (before !== undefined)
          expect(prefixBreak(nameless(before), nameless(request)), `request ${n}`).toBeNull();
      }
      expect(ofModel.size).toBe(2);
      expect(await predicted(world)).toEqual(
        sent.map((request) => cacheablePrefix(request).toString("utf8")),
      );
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 600_000);

function nameless({ raw }: { raw: Buffer }): { raw: Buffer } {
  return { raw: Buffer.from(String(raw).replace(/"model":"gpt-5\.\d-codex"/, '"model":"any"')) };
}
