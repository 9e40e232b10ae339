import fs from "node:fs";
import path from "node:path";
import type { CodeMap } from "@quire/code-map";
import { CodedError, isWithin } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import { readGuard } from "./read-guard.ts";
import type { SessionRequest } from "./session-request.ts";
import type { Workspace } from "./workspace.ts";

/** A tool with what it keeps running behind it. */
export interface OwnedTool {
  tool: Tool;
  close(): Promise<void>;
}

/** The tool `repo_map` of a thread. */
export async function openRepoMap(request: SessionRequest, place: () => Workspace): Promise<OwnedTool> {
  const { system, home } = request;
  const { createRepoMapTool } = await import("@quire/tools/repo-map");
  const maps = new Map<string, CodeMap>();
  const tool = createRepoMapTool({
    async map({ path: wanted, cwd, ...rest }) {
      const workspace = place();
      const root = workspace.gitRoot ?? workspace.cwd;
      const folder = path.resolve(cwd, wanted);
      if (!isWithin(folder, root)) {
        throw new CodedError("usage_invalid", `${JSON.stringify(wanted)} lies outside of ${root}`);
      }
      const { openMapOf } = await import("../code-map/open-map.ts");
      const known = maps.get(root) ?? openMapOf(root, system, home);
      maps.set(root, known);
      const mayRead = readGuard(request, workspace);
      return known.map({
        ...rest,
        path: path.relative(root, folder),
        mayShow: (file) => isOwn(path.join(root, file), mayRead),
      });
    },
  });
  return {
    tool,
    close: async () => {
      await Promise.all([...maps.values()].map((map) => map.close()));
    },
  };
}

/** Whether a file is where its name says, and commands may read it: a folder may have become a link since it was listed. */
function isOwn(file: string, mayRead: (realPath: string) => boolean): boolean {
  try {
    return fs.realpathSync(file) === file && mayRead(file);
  } catch {
    // Gone meanwhile.
    return false;
  }
}
