/**
 * A model that calls a command again and again and keeps nothing: over ten thousand requests a server that records them
 * would be the largest program of the measurement. Started by fork() with the number of turns, one in how many of them
 * prints a lot, and how many bytes that is.
 */
import { createServer } from "node:http";

const [turns = 0, largeEvery = 0, largeBytes = 0] = process.argv.slice(2).map(Number);
let taken = 0;

const server = createServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    taken += 1;
    process.send?.({
      type: "request",
      turn: taken,
      bytes,
      atMs: performance.timeOrigin + performance.now(),
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(stream(taken > turns ? message() : call(taken), Math.ceil(bytes / 3.8)));
  });
});

/** @param {number} turn */
function call(turn) {
  const large = `yes 'src/feature-${turn}.ts:12: expected 3, received 4' | head -c ${largeBytes}`;
  const cmd = turn % largeEvery === 0 ? large : `echo ${turn}`;
  return {
    type: "function_call",
    call_id: `call_${turn}`,
    name: "exec_command",
    arguments: JSON.stringify({ cmd }),
  };
}

function message() {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text: "Done." }] };
}

/** @param {object} item @param {number} inputTokens */
function stream(item, inputTokens) {
  const usage = { input_tokens: inputTokens, output_tokens: 20, total_tokens: inputTokens + 20 };
  const events = [
    { type: "response.created", response: { id: `r${taken}` } },
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: "response.completed",
      response: { id: `r${taken}`, status: "completed", output: [item], usage },
    },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.send?.({ type: "listening", url: `http://127.0.0.1:${port}/v1` });
});
process.on("disconnect", () => process.exit(0));
