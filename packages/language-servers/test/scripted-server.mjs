/**
 * A language server for tests: `node scripted-server.mjs MODE`. It calls every line with the word BAD an error. Modes: push,
 * pull, silent (initialises and says nothing), mute (does not even do that), dies (after the first file), flood, garbage,
 * huge, lies (findings of the wrong form, answers nobody asked for), versionless, writes (the
 * same, and tries to write a file).
 */
import { writeFileSync } from "node:fs";

const mode = process.argv[2] ?? "push";
if (mode === "writes") {
  try {
    writeFileSync("written-by-server.txt", "here\n");
  } catch {
    // As it should be.
  }
}

/** In one piece, so that a busy machine does not come between them. @param {object[]} messages */
function send(...messages) {
  const framed = messages.map((message) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  });
  process.stdout.write(framed.join(""));
}

/** @param {string} text */
const findings = (text) =>
  text.split("\n").flatMap((line, at) =>
    line.includes("BAD")
      ? [
          {
            range: { start: { line: at, character: 2 }, end: { line: at, character: 3 } },
            severity: 1,
            code: 7,
            message: `bad line\u001b[31m\nof ${mode}`,
          },
        ]
      : line.includes("MEH")
        ? [
            {
              range: { start: { line: at, character: 0 }, end: { line: at, character: 1 } },
              severity: 2,
              message: "a warning",
            },
          ]
        : [],
  );

/** @type {Map<string, string>} */
const texts = new Map();

/** @param {string} uri @param {number} version */
function publish(uri, version) {
  const params = { uri, diagnostics: findings(texts.get(uri) ?? "") };
  if (mode === "push") {
    const method = "textDocument/publishDiagnostics";
    send({ method, params: { uri, version, diagnostics: [] } }, { method, params: { ...params, version } });
  } else if (mode === "versionless" || mode === "writes")
    send({ method: "textDocument/publishDiagnostics", params });
  else if (mode === "dies") process.exit(3);
  else if (mode === "flood") flood();
  else if (mode === "garbage") process.stdout.write("no message at all\n".repeat(1000));
  else if (mode === "huge") process.stdout.write("Content-Length: 99999999999\r\n\r\n{");
  else if (mode === "lies") {
    send({ id: 4711, result: {} });
    send({ method: "textDocument/publishDiagnostics", params: { uri: 3, diagnostics: "none" } });
    send({ id: "x", method: "workspace/applyEdit", params: { edit: "rm" } });
    send([1, 2]);
  }
}

function flood() {
  const line = `${JSON.stringify({ jsonrpc: "2.0", method: "window/logMessage", params: "x".repeat(60_000) })}`;
  const message = `Content-Length: ${Buffer.byteLength(line)}\r\n\r\n${line}`;
  const more = () => {
    while (process.stdout.write(message));
    process.stdout.once("drain", more);
  };
  more();
}

/** @param {{ id?: number, method?: string, params?: any }} message */
function take({ id, method, params }) {
  if (mode === "mute") return;
  if (method === "initialize") {
    send({ id, result: { capabilities: mode === "pull" ? { diagnosticProvider: {} } : {} } });
    send({ id: 1, method: "workspace/configuration", params: { items: [{}, {}] } });
  } else if (method === "textDocument/didOpen") {
    texts.set(params.textDocument.uri, params.textDocument.text);
    publish(params.textDocument.uri, params.textDocument.version);
  } else if (method === "textDocument/didChange") {
    texts.set(params.textDocument.uri, params.contentChanges[0].text);
    publish(params.textDocument.uri, params.textDocument.version);
  } else if (method === "textDocument/diagnostic") {
    send({ id, result: { kind: "full", items: findings(texts.get(params.textDocument.uri) ?? "") } });
  }
}

let pending = Buffer.alloc(0);
process.stdin.on("data", (chunk) => {
  pending = Buffer.concat([pending, chunk]);
  for (;;) {
    const end = pending.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(pending.toString("latin1", 0, end))?.[1]);
    if (pending.length < end + 4 + length) return;
    take(JSON.parse(pending.toString("utf8", end + 4, end + 4 + length)));
    pending = pending.subarray(end + 4 + length);
  }
});
process.stdin.on("end", () => process.exit(0));
