import { delivered, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const LIMITS = {
  "x-ratelimit-limit-tokens": "1000",
  "x-ratelimit-remaining-tokens": "40",
  "x-ratelimit-limit-requests": "50",
  "x-ratelimit-remaining-requests": "49",
};

test("what the endpoint says of its limits is in the stream, and said to people when it gets tight", async () => {
  await using world = await execWorld({
    script: { afterwards: delivered(says("Done."), { headers: LIMITS }) },
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  expect(events.at(-1)).toMatchObject({
    type: "turn.completed",
    rate_limits: [
      { name: "requests", limit: 50, remaining: 49, used_percent: null, reset_at: null },
      { name: "tokens", limit: 1000, remaining: 40, used_percent: null, reset_at: null },
    ],
  });
  const shown = await world.exec(["go"]);
  expect(shown.stderr).toContain("! tokens: 90 % of the endpoint's limit are used [rate_limit_near]");
  expect(shown.stderr).not.toContain("requests:");
});

test("clients learn the shares of a plan as endpoints told them last; other limits are no plan's", async () => {
  const plan = { "x-codex-primary-used-percent": "12.6", "x-codex-primary-reset-at": "1800000000" };
  await using world = await execWorld({
    steps: [delivered(says("One."), { headers: LIMITS }), delivered(says("Two."), { headers: plan })],
    script: { afterwards: delivered(says("Three."), { headers: LIMITS }) },
  });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const { thread } = await client.request("thread/start", { cwd: world.repository.path });
  const limits = async () => (await client.request("account/rateLimits/read")).rateLimits;
  const unknown = {
    limitId: null,
    limitName: null,
    normalModelSlug: null,
    primary: null,
    secondary: null,
    credits: null,
    individualLimit: null,
    spendControlReached: null,
    planType: null,
    rateLimitReachedType: null,
  };
  const primary = { usedPercent: 13, windowDurationMins: null, resetsAt: 1_800_000_000 };
  await client.turn(thread.id, "one");
  expect(await limits()).toEqual(unknown);
  const { frames } = await client.turn(thread.id, "two");
  const told = frames.filter(({ method }) => method === "account/rateLimits/updated");
  expect(told.map(({ params }) => params)).toEqual([{ rateLimits: { ...unknown, primary } }]);
  await client.turn(thread.id, "three");
  expect(await limits()).toEqual({ ...unknown, primary });
  expect(client.methods().filter((method) => method === "account/rateLimits/updated")).toHaveLength(1);
});
