import { createRequire } from "node:module";
import path from "node:path";
import { isTemporary } from "./lasting-folder.ts";

/** A reference server of the Model Context Protocol, as people install it. */
export interface ReferenceServer {
  /** For Node. */
  program: string;
  /**
   * A folder that has to be named as a writable root, so that the sandbox shows the program; null where it does so by itself.
   * It shows no temporary folders, and a checkout may lie in one.
   */
  hidden: string | null;
}

/** Where the reference server of this name is installed. */
export function referenceServer(name: "everything" | "filesystem" | "memory"): ReferenceServer {
  const program = createRequire(import.meta.url).resolve(
    `@modelcontextprotocol/server-${name}/dist/index.js`,
  );
  const modules = program.slice(0, program.lastIndexOf(`${path.sep}node_modules${path.sep}`));
  return { program, hidden: isTemporary(program) ? path.join(modules, "node_modules") : null };
}
