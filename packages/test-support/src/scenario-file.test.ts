import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseScenario } from "./scenario-file.ts";
import { callsTool, delivered, fault, patches, reasons, replies, says } from "./step.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("a file means the same steps as the builders", () => {
  const text = JSON.stringify({
    cursor: "history",
    steps: [
      { say: "hi", reason: "hm", usage: { input: 5 } },
      { call: { name: "exec_command", args: { cmd: "ls" } }, repeat: 2 },
      { patch: "*** P", delivery: { chunkBytes: 1 } },
      { all: [{ say: "a" }, { call: { name: "f", args: "{broken" } }] },
      { fault: { status: 500 } },
    ],
    afterwards: { say: { deltas: 3, chars: 2 } },
  });
  const call = callsTool("exec_command", { cmd: "ls" });
  expect(parseScenario(text)).toEqual({
    steps: [
      { ...replies(reasons("hm"), says("hi")), usage: { input: 5 } },
      call,
      call,
      delivered(patches("*** P"), { chunkBytes: 1 }),
      replies(says("a"), callsTool("f", "{broken")),
      fault({ status: 500 }),
    ],
    options: { cursor: "history", afterwards: says({ deltas: 3, chars: 2 }) },
  });
});

test.each([
  ["[]", "A scenario is a JSON object"],
  ["{}", "a list named steps"],
  ['{"steps":[{"say":"a"},{}]}', "steps[1] needs one of"],
  ['{"steps":[7]}', "steps[0] must be an object"],
  ['{"steps":[],"afterwards":{"call":{"args":{}}}}', "afterwards.call needs a name"],
])("what is wrong is named: %s", (text, message) => {
  expect(() => parseScenario(text)).toThrow(message);
});

test("as a process it serves a file, tells its port and writes what it was asked", async () => {
  await using directory = await temporaryDirectory();
  const file = (name: string) => join(directory.path, name);
  await writeFile(file("scenario.json"), JSON.stringify({ steps: [{ say: "from a process" }] }));
  const bin = fileURLToPath(new URL("../bin/scripted-server.mjs", import.meta.url));
  const args = ["--scenario", file("scenario.json"), "--port-file", file("port"), "--record", file("record")];
  const child = spawn(process.execPath, [bin, ...args], { stdio: "ignore" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  try {
    const port = await expect
      .poll(() => readFile(file("port"), "utf8").catch(() => ""), { timeout: 10_000 })
      .not.toBe("")
      .then(() => readFile(file("port"), "utf8"));
    const answer = await fetch(`http://127.0.0.1:${port}/v1/responses`, {
      method: "POST",
      body: '{"model":"m"}',
    });
    expect(await answer.text()).toContain("from a process");
  } finally {
    child.kill("SIGTERM");
  }
  expect(await exited).toBe(0);
  expect(JSON.parse(await readFile(file("record"), "utf8"))).toMatchObject({
    path: "/v1/responses",
    body: { model: "m" },
  });
});
