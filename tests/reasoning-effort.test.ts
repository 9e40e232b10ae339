import { says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

test.each<[effort: string, warnings: string[]]>([
  ["high", []],
  ["ultra", ["model_effort_unlisted"]],
  ["persistent", ["model_effort_unlisted"]],
])("the effort %s reaches the endpoint as it is", async (effort, warnings) => {
  await using world = await execWorld({ steps: [says("ok")] });
  const { run, events } = await world.execJson([
    "-m",
    "gpt-5.1-codex-max",
    "-c",
    `model_reasoning_effort="${effort}"`,
    "go",
  ]);
  expect(run.exitCode).toBe(0);
  expect(world.server.requests[0]?.body).toMatchObject({ reasoning: { effort } });
  const codes = events.flatMap((event) =>
    event.type === "item.completed" && event.item.type === "error" ? [event.item.code] : [],
  );
  expect(codes).toEqual(warnings);
  if (warnings.length > 0) expect(run.stdout).toContain("but: low, medium, high, xhigh");
});
