import type { CommandContext } from "@quire/execpolicy";
import { createSandbox, type Sandbox, type SandboxDeps } from "@quire/sandbox";
import { ApiError, refusedParameter } from "../http/api-error.ts";
import type { CreateRequest, WireCodeInterpreter, WireShellTool } from "../responses/create-request.ts";
import type { HostedTool } from "../responses/hosted-tool.ts";
import type { ReadFile } from "../responses/input-items.ts";
import type { Hosting } from "../responses/response-service.ts";
import { createCodeInterpreter } from "./code-interpreter.ts";
import type { Container, Containers } from "./containers.ts";
import { type FileRules, fileParts, loadInputFile, uploadedFile } from "./input-file.ts";
import { createShellTool } from "./shell-tool.ts";

export interface HostingDeps {
  containers: Containers;
  files: FileRules;
  /** What the sandbox needs of this process; null serves no tools. */
  sandbox: SandboxDeps | null;
  /** Where a program name leads to. */
  resolveProgram: CommandContext["resolveProgram"];
  randomName: () => string;
  setTimer: (callback: () => void, ms: number) => () => void;
}

const GIGABYTE = 1024 ** 3;

/** Opens what one request needs served here: its hosted tools with their container, and its files. */
export async function openHosting(request: CreateRequest, deps: HostingDeps): Promise<Hosting> {
  const tools = request.tools ?? [];
  const shells = tools.filter((tool): tool is WireShellTool => tool.type === "shell" || tool.type === "bash");
  const interpreters = tools.filter((tool): tool is WireCodeInterpreter => tool.type === "code_interpreter");
  const [shell] = shells;
  const [interpreter] = interpreters;
  if (shells.length > 1 || interpreters.length > 1) {
    throw refusedParameter("tools", "Each hosted tool can be there once.");
  }
  if (shell === undefined && interpreter === undefined) {
    return { tools: [], readFile: async (file, param) => readAsParts(file, param, deps.files) };
  }
  const opened = openContainer(shell, interpreter, deps);
  const common = {
    container: opened.container,
    sandbox: opened.sandbox,
    mintId: (prefix: string) => `${prefix}_${deps.randomName()}`,
    setTimer: deps.setTimer,
    close: opened.close,
  };
  const hosted: HostedTool[] = [];
  if (shell !== undefined) {
    const allowed = shell.allowed_commands ?? null;
    hosted.push(createShellTool({ ...common, allowed, resolveProgram: deps.resolveProgram }));
  }
  if (interpreter !== undefined)
    hosted.push(createCodeInterpreter({ ...common, containers: deps.containers }));
  return { tools: hosted, readFile: readInto(opened.container, deps) };
}

function openContainer(
  shell: WireShellTool | undefined,
  interpreter: WireCodeInterpreter | undefined,
  deps: HostingDeps,
): { container: Container; sandbox: Sandbox; close: () => Promise<void> } {
  if (deps.sandbox === null) throw refusedParameter("tools", "This gateway runs no tools.");
  const wanted = [shellContainer(shell), interpreterContainer(interpreter)].filter((id) => id !== null);
  if (new Set(wanted).size > 1)
    throw refusedParameter("tools", "The hosted tools of a response share one container.");
  const container = deps.containers.hold(wanted[0] ?? null);
  if (container === null) {
    throw new ApiError(404, `The container '${wanted[0]}' was not found; unused ones go after 20 minutes.`, {
      param: "tools",
      code: "container_not_found",
    });
  }
  try {
    putUploads(uploadsFor(shell, interpreter), container, deps);
  } catch (thrown) {
    deps.containers.release(container.id);
    throw thrown;
  }
  const sandbox = createSandbox(
    {
      mode: "workspace-write",
      workspaceRoots: [container.folder],
      extraWritableRoots: [],
      network: "off",
      protectedNames: [],
      // Whatever a model makes of a stranger's text, the user's own files are none of its business.
      readDeny: [deps.sandbox.homeDir],
      environment: { inherit: "core" },
      limits: {
        memoryBytes: memoryLimit(shell, interpreter),
        processes: 128,
        fileSizeBytes: GIGABYTE / 4,
        openFiles: 1024,
      },
    },
    deps.sandbox,
  );
  let closing: Promise<void> | null = null;
  const close = async () => {
    await sandbox.close();
    deps.containers.release(container.id);
  };
  return {
    container,
    sandbox,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function uploadsFor(shell: WireShellTool | undefined, interpreter: WireCodeInterpreter | undefined) {
  const environment = shell?.environment;
  const ids = [
    ...(environment?.type === "container_auto" ? (environment.file_ids ?? []) : []),
    ...(typeof interpreter?.container === "object" ? (interpreter.container.file_ids ?? []) : []),
  ];
  return new Set(ids);
}

function putUploads(
  ids: ReadonlySet<string>,
  container: Container,
  { containers, files }: HostingDeps,
): void {
  for (const id of ids) {
    const { name, content } = uploadedFile(id, "tools", files.store);
    containers.put(container, name, content);
  }
}

function shellContainer(shell: WireShellTool | undefined): string | null {
  return shell?.environment?.type === "container_reference" ? shell.environment.container_id : null;
}

function interpreterContainer(interpreter: WireCodeInterpreter | undefined): string | null {
  return typeof interpreter?.container === "string" ? interpreter.container : null;
}

function memoryLimit(shell: WireShellTool | undefined, interpreter: WireCodeInterpreter | undefined): number {
  const environment = shell?.environment;
  const limits = [
    environment?.type === "container_auto" ? environment.memory_limit : null,
    typeof interpreter?.container === "object" ? interpreter.container.memory_limit : null,
  ];
  return limits.includes("4g") ? 4 * GIGABYTE : GIGABYTE;
}

/** Files go into the container too; one that the model cannot read as such is named to it. */
function readInto(container: Container, deps: HostingDeps): ReadFile {
  return async (file, param) => {
    const loaded = loadInputFile(file, param, deps.files);
    const name = deps.containers.put(container, loaded.name, loaded.content);
    const note = `The file ${JSON.stringify(name)} (${loaded.content.length} bytes) lies in the working folder.`;
    return [...(fileParts(loaded) ?? []), { type: "input_text", text: note }];
  };
}

/** The file for a model that has no folder to look into. */
export function readAsParts(file: Parameters<ReadFile>[0], param: string, rules: FileRules) {
  const loaded = loadInputFile(file, param, rules);
  const parts = fileParts(loaded);
  if (parts !== null) return parts;
  throw refusedParameter(
    param,
    "Only text up to 512 KiB and pictures can be read; add the code_interpreter tool for others.",
  );
}
