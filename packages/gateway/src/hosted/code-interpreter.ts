import type { FunctionCall } from "@quire/protocol";
import type { Sandbox } from "@quire/sandbox";
import * as z from "zod";
import { CODE_INTERPRETER_TOOL } from "../responses/hosted-items.ts";
import type { HostedTool } from "../responses/hosted-tool.ts";
import type { ResponseWriter } from "../responses/response-writer.ts";
import { type CommandOutcome, runConfined } from "./confined-command.ts";
import type { Container, ContainerFile, Containers } from "./containers.ts";

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 64 * 1024;
/** One argument of a program cannot be longer than 128 KiB. */
const MAX_CODE = 100_000;
const MAX_IMAGE = 2 * 1024 * 1024;

/** Runs the code as a notebook would: the value of a last expression is printed. */
const RUNNER = `import ast, sys
code = sys.argv[1]
sys.argv = [""]
sys.path.insert(0, "")
tree = ast.parse(code, "<code>")
space = {"__name__": "__main__"}
last = None
if tree.body and isinstance(tree.body[-1], ast.Expr):
    last = ast.Expression(tree.body.pop().value)
exec(compile(tree, "<code>", "exec"), space)
if last is not None:
    value = eval(compile(last, "<code>", "eval"), space)
    if value is not None:
        print(repr(value))
`;

const ArgumentsSchema = z.object({ code: z.string().max(MAX_CODE) });

export interface CodeInterpreterDeps {
  container: Container;
  containers: Containers;
  sandbox: Sandbox;
  mintId: (prefix: string) => string;
  setTimer: (callback: () => void, ms: number) => () => void;
  close: () => Promise<void>;
}

/** Python in the container: files stay between calls, variables do not; no network. */
export function createCodeInterpreter(deps: CodeInterpreterDeps): HostedTool {
  return {
    spec: {
      kind: "function",
      name: CODE_INTERPRETER_TOOL,
      description:
        "Runs Python 3 in an isolated folder without a network and returns what it prints, and the value of a last expression. Files stay between calls, variables do not.",
      parameters: {
        type: "object",
        properties: { code: { type: "string", description: "The whole program." } },
        required: ["code"],
        additionalProperties: false,
      },
    },
    run: (call, writer, signal) => runCode(call, writer, deps, signal),
    close: deps.close,
  };
}

async function runCode(
  call: FunctionCall,
  writer: ResponseWriter,
  deps: CodeInterpreterDeps,
  signal: AbortSignal,
): Promise<string> {
  const { container, containers } = deps;
  const code = codeOf(call.arguments);
  const id = deps.mintId("ci");
  const item = { id, type: "code_interpreter_call", container_id: container.id, code, outputs: null };
  const index = writer.addItem({ ...item, code: "", status: "in_progress" });
  const at = { item_id: id, output_index: index };
  writer.emit("response.code_interpreter_call.in_progress", at);
  if (code !== null) writer.emit("response.code_interpreter_call_code.delta", { ...at, delta: code });
  writer.emit("response.code_interpreter_call_code.done", { ...at, code: code ?? "" });
  writer.emit("response.code_interpreter_call.interpreting", at);
  const before = containers.files(container);
  const ended: CommandOutcome =
    code === null
      ? { kind: "not-run", why: 'the arguments are not {"code": "…"}' }
      : await runConfined(
          deps.sandbox,
          {
            argv: ["python3", "-B", "-c", RUNNER, code],
            cwd: container.folder,
            timeoutMs: TIMEOUT_MS,
            maxOutputBytes: MAX_OUTPUT,
          },
          { setTimer: deps.setTimer, signal },
        );
  const changed = changedFiles(before, containers.files(container));
  const logs = logsOf(ended);
  const outputs = [
    { type: "logs", logs },
    ...changed.flatMap((file) => imageOf(file, container, containers)),
  ];
  writer.emit("response.code_interpreter_call.completed", at);
  const status =
    ended.kind === "exit" && ended.code === 0 ? "completed" : signal.aborted ? "incomplete" : "failed";
  writer.finishItem(index, { ...item, status, outputs });
  const written = changed.map((file) => `${file.path} (${file.bytes} bytes)`).join(", ");
  return written === "" ? logs : `${logs}\n[files written: ${written}]`;
}

function logsOf(ended: CommandOutcome): string {
  switch (ended.kind) {
    case "not-run":
      return `not run: ${ended.why}`;
    case "timeout":
      return `${ended.stdout}${ended.stderr}\n[stopped after ${TIMEOUT_MS / 1000} seconds]`;
    case "exit": {
      const end = ended.code === 0 ? "" : `\n[exit code ${ended.code}]`;
      return `${ended.stdout}${ended.stderr}${end}`;
    }
  }
}

function changedFiles(before: readonly ContainerFile[], after: readonly ContainerFile[]): ContainerFile[] {
  const known = new Map(before.map((file) => [file.path, file]));
  return after.filter((file) => {
    const old = known.get(file.path);
    return old === undefined || old.changedMs !== file.changedMs || old.bytes !== file.bytes;
  });
}

/** Pictures that the code drew, as the data URL that clients can show. */
function imageOf(
  file: ContainerFile,
  container: Container,
  containers: Containers,
): { type: "image"; url: string }[] {
  const kind = /\.(png|jpe?g)$/i.exec(file.path)?.[1]?.toLowerCase();
  if (kind === undefined || file.bytes > MAX_IMAGE) return [];
  const read = containers.read(container, file);
  if (read.kind === "refused") return [];
  const type = kind === "png" ? "image/png" : "image/jpeg";
  return [{ type: "image", url: `data:${type};base64,${read.content.toString("base64")}` }];
}

function codeOf(text: string): string | null {
  try {
    const parsed = ArgumentsSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.code : null;
  } catch {
    // The model is told what was wrong.
    return null;
  }
}
