/**
 * A model for many agents at once: the root starts so many and then yields; each of them runs so many commands and answers.
 * Keeps nothing of the requests. Started by fork() with both numbers.
 */
import { createServer } from "node:http";

const [agents, commands] = process.argv.slice(2).map(Number);
let requests = 0;

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString("utf8");
    const speaker = /You are the agent (\/root\/\w+)/.exec(body)?.[1] ?? "/root";
    const outputs = body.split('"function_call_output"').length - 1;
    requests += 1;
    process.send?.({ type: "request", speaker, outputs });
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(stream(speaker === "/root" ? ofRoot(outputs) : ofAgent(outputs), body.length));
  });
});

/** @param {number} outputs @returns {object[]} */
function ofRoot(outputs) {
  if (outputs > 0) return [message("Waiting.")];
  return Array.from({ length: agents ?? 0 }, (_, at) =>
    call(`spawn_${at}`, "spawn_agent", { task_name: `agent_${at}`, message: "Work." }),
  );
}

/** @param {number} outputs @returns {object[]} */
function ofAgent(outputs) {
  if (outputs >= (commands ?? 0)) return [message("Done.")];
  return [call(`call_${requests}`, "exec_command", { cmd: "seq 1 400; sleep 0.1" })];
}

/** @param {string} id @param {string} name @param {object} args */
function call(id, name, args) {
  return { type: "function_call", call_id: id, name, arguments: JSON.stringify(args) };
}

/** @param {string} text */
function message(text) {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text }] };
}

/** @param {readonly object[]} items @param {number} bytes */
function stream(items, bytes) {
  const input = Math.ceil(bytes / 3.8);
  const usage = { input_tokens: input, output_tokens: 20, total_tokens: input + 20 };
  const id = `r${requests}`;
  const events = [
    { type: "response.created", response: { id } },
    ...items.map((item, at) => ({ type: "response.output_item.done", output_index: at, item })),
    { type: "response.completed", response: { id, status: "completed", output: items, usage } },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.send?.({ type: "listening", url: `http://127.0.0.1:${port}/v1` });
});
