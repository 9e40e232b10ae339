import fs from "node:fs";
import path from "node:path";
import { isTrustedContent, type LoadedConfig } from "@quire/config";
import type { Workspace } from "../session/workspace.ts";

/** Where rules may lie, and what of a project's counts. */
export interface RoutingPlaces {
  readonly home: string;
  /** Its root, and whether this content of a file of its own is what the user trusted. */
  readonly project: {
    readonly root: string;
    readonly accepts: (file: string, text: string) => "trusted" | "changed" | "untrusted";
  } | null;
}

export function homeRoutingFile(home: string): string {
  return path.join(home, "routing.toml");
}

export function projectRoutingFile(root: string): string {
  return path.join(root, ".quire", "routing.toml");
}

/** Where the rules for a folder lie. A project's count only as the user has trusted them. */
export function routingPlaces(
  home: string,
  { project }: LoadedConfig,
  workspace: Pick<Workspace, "gitRoot" | "cwd">,
): RoutingPlaces {
  const root = project.root ?? workspace.gitRoot ?? workspace.cwd;
  return {
    home,
    project: {
      root,
      accepts: (file, text) => {
        if (project.trust !== "trusted") return "untrusted";
        return isTrustedContent(project.content, root, file, text) ? "trusted" : "changed";
      },
    },
  };
}

/** Cheap: whether there is a file at all. */
export function hasRouting({ home, project }: RoutingPlaces): boolean {
  return (
    fs.existsSync(homeRoutingFile(home)) ||
    (project !== null && fs.existsSync(projectRoutingFile(project.root)))
  );
}
