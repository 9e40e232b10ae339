import { spawn } from "node:child_process";
import { COUNTED, countCpu } from "./cpu.mjs";
import { confined } from "./workspace.mjs";

const TOOLS = [
  { kind: "function", name: "exec_command", description: "", parameters: {} },
  { kind: "function", name: "write_stdin", description: "", parameters: {} },
  {
    kind: "freeform",
    name: "apply_patch",
    description: "",
    format: { type: "grammar", syntax: "lark", definition: "" },
    functionArgument: "input",
  },
];
const OUTPUT_BYTES = 4;

/**
 * The smallest loop that runs the engine: it answers the engine's calls with bash and the patch tool until a final
 * message comes.
 */
export async function runTurn(engine, { cwd, task, seconds, env = {} }) {
  const client = engine.createClient({ seconds });
  const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: task }] }];
  for (let request = 0; request < 200; request++) {
    const items = await respond(client, input);
    input.push(...items);
    const calls = items.filter((item) => item.type === "function_call" || item.type === "custom_tool_call");
    if (calls.length === 0) return textOf(items.at(-1));
    for (const call of calls) input.push(await execute(engine, call, cwd, env));
  }
  throw new Error("the engine made 200 requests without an answer");
}

async function respond(client, input) {
  const request = {
    model: "offline-repair",
    instructions: "",
    input,
    tools: TOOLS,
    parallelToolCalls: true,
    promptCacheKey: "",
  };
  const items = [];
  for await (const event of client.stream(request, { signal: new AbortController().signal })) {
    if (event.type === "item_done") items.push(event.item);
    if (event.type === "failed") throw new Error(event.error.details ?? event.error.message);
  }
  return items;
}

function textOf(item) {
  return item.content.map((part) => part.text).join("");
}

async function execute(engine, call, cwd, env) {
  if (call.type === "custom_tool_call")
    return {
      type: "custom_tool_call_output",
      call_id: call.call_id,
      output: await engine.applyPatch(call.input, cwd),
    };
  const { cmd, max_output_tokens: tokens = 10_000 } = JSON.parse(call.arguments);
  return { type: "function_call_output", call_id: call.call_id, output: await shell(cmd, tokens, cwd, env) };
}

function shell(command, tokens, cwd, env) {
  return new Promise((resolve) => {
    const began = performance.now();
    const [program, args] = confined([COUNTED, "bash", "-c", command], cwd);
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    let output = "";
    const add = (chunk) => {
      if (output.length < 4_000_000) output += chunk;
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    countCpu(child.stdio[3]);
    child.on("close", (code) => {
      const limit = tokens * OUTPUT_BYTES;
      const cut = output.length > limit;
      const text = cut ? `${output.slice(0, limit / 2)}\n… omitted …\n${output.slice(-limit / 2)}` : output;
      const header = [
        `Wall time: ${((performance.now() - began) / 1000).toFixed(4)} seconds`,
        `Process exited with code ${code ?? 137}`,
      ];
      if (cut) header.push(`Original token count: ${Math.ceil(output.length / OUTPUT_BYTES)}`);
      resolve(`${[...header, "Output:"].join("\n")}\n${text}`);
    });
  });
}
