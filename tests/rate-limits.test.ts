import { delivered, says } from "@quire/test-support";
import { expect, test } from "vitest";
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
