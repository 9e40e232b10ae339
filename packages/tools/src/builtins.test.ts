import { expect, test } from "vitest";
import { toolFixture } from "../test/tool-fixture.ts";

test("the tools come in a fixed order and their descriptions stay small", async () => {
  await using fixture = await toolFixture();
  const names = fixture.tools.map((tool) => tool.spec.name);
  expect(names).toEqual(["apply_patch", "exec_command", "update_plan", "view_image", "write_stdin"]);
  expect(JSON.stringify(fixture.tools.map((tool) => tool.spec)).length).toBeLessThan(5000);
});

test("no tool throws on malformed arguments", async () => {
  await using fixture = await toolFixture();
  const inputs = ["", "{", "null", "[]", '"text"', "{}", '{"cmd":{}}', `{"x":"${"y".repeat(1_100_000)}"}`];
  for (const tool of fixture.tools) {
    for (const input of inputs) {
      const prepared = await fixture.prepare(tool.spec.name, input);
      if (tool.spec.name !== "apply_patch") expect(prepared.kind).toBe("invalid");
      else if (prepared.kind === "ready")
        expect((await prepared.run({ sandbox: "session" })).success).toBe(false);
    }
  }
});
