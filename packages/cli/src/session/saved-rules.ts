import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { isTrustedContent, PROJECT_FOLDERS } from "@quire/config";
import type { SavedRules } from "@quire/core";
import {
  EMPTY_POLICY,
  formatNetworkRule,
  formatPrefixRule,
  joinPolicies,
  parseRules,
  type RulesPolicy,
} from "@quire/execpolicy/rules";
import { CodedError } from "@quire/protocol";
import type { SessionRequest, SessionWarning } from "./session-request.ts";

export interface SavedRulesOptions {
  home: string;
  /** Rules that a person allowed "always" hold for this folder only. */
  workspaceRoot: string;
  /** Folders of a trusted project that may hold rules; empty for any other project. */
  projectFolders: readonly string[];
  /** Whether the text of a project's file is what the user trusted. Default: no. */
  isTrusted?: (file: string, text: string) => boolean;
}

/** The rules, and the project's files that were left out because they are not what the user trusted. */
export interface OpenedRules extends SavedRules {
  changedFiles: readonly string[];
}

/**
 * The rules of this user and this workspace: `rules/*.rules` in the home, the workspace's own file of saved permissions,
 * and `rules/*.rules` of a trusted project. Fails with `config_invalid` on the first file that cannot be used, because a
 * forbidding rule that is silently missing would be worse than none.
 */
export function openSavedRules(options: SavedRulesOptions): OpenedRules {
  const ownFile = workspaceRulesFile(options.home, options.workspaceRoot);
  const changedFiles: string[] = [];
  const isUsed = (file: string, text: string): boolean => {
    const trusted = options.isTrusted?.(file, text) ?? false;
    if (!trusted) changedFiles.push(file);
    return trusted;
  };
  const fixed = joinPolicies([
    readFolder(path.join(options.home, "rules"), () => true),
    ...options.projectFolders.map((folder) => readFolder(path.join(folder, "rules"), isUsed)),
  ]);
  let policy = joinPolicies([fixed, readFile(ownFile)]);
  const save = (line: string) => {
    fs.mkdirSync(path.dirname(ownFile), { recursive: true, mode: 0o700 });
    const isNew = !fs.existsSync(ownFile);
    fs.appendFileSync(
      ownFile,
      `${isNew ? `# Permissions for ${JSON.stringify(options.workspaceRoot)}\n` : ""}${line}\n`,
      {
        mode: 0o600,
      },
    );
    policy = joinPolicies([fixed, readFile(ownFile)]);
  };
  return {
    read: () => policy,
    changedFiles,
    saveAllow: (tokens) => save(formatPrefixRule(tokens, "allow", "allowed always, in this workspace")),
    saveHost: (host, verdict) =>
      save(formatNetworkRule(host, verdict, verdict === "allow" ? "allowed always" : "refused always")),
  };
}

/** Where permissions of one workspace are saved. */
function workspaceRulesFile(home: string, workspaceRoot: string): string {
  const name = createHash("sha256").update(workspaceRoot).digest("hex").slice(0, 16);
  return path.join(home, "rules", "workspaces", `${name}.rules`);
}

function readFolder(folder: string, isUsed: (file: string, text: string) => boolean): RulesPolicy {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    // No rules there, which is the usual case.
    return EMPTY_POLICY;
  }
  const files = names.filter((name) => name.endsWith(".rules")).sort();
  return joinPolicies(files.map((name) => readFile(path.join(folder, name), isUsed)));
}

function readFile(file: string, isUsed: (file: string, text: string) => boolean = () => true): RulesPolicy {
  let text: string;
  try {
    // A pipe would hold us up for as long as nobody writes into it.
    if (!fs.statSync(file).isFile()) throw new TypeError("it is no regular file");
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return EMPTY_POLICY;
    throw new CodedError("config_invalid", `the rules file ${file} cannot be read`, { cause });
  }
  if (!isUsed(file, text)) return EMPTY_POLICY;
  try {
    return parseRules(text, file);
  } catch (cause) {
    throw new CodedError("config_invalid", cause instanceof Error ? cause.message : String(cause), {
      cause,
      nextStep: "Correct the rule, or run with --ignore-rules.",
    });
  }
}

/** Says which rule files of a project are left out because they are not those that were trusted. */
export function changedRules({ changedFiles }: OpenedRules): SessionWarning[] {
  if (changedFiles.length === 0) return [];
  const message = `Command rules that are not as they were when you trusted this project are ignored: ${changedFiles.join(", ")}. Look at them, then trust them with --trust.`;
  return [{ code: "project_changed", message }];
}

/** The rules of a session's user and of its project. */
export function savedRules(request: SessionRequest): OpenedRules {
  const { home, workspace, loaded, ignoreRules } = request;
  if (ignoreRules) {
    return {
      read: () => EMPTY_POLICY,
      saveAllow: () => undefined,
      saveHost: () => undefined,
      changedFiles: [],
    };
  }
  const root = loaded.project.root ?? workspace.gitRoot ?? workspace.cwd;
  const trusted = loaded.project.trust === "trusted";
  return openSavedRules({
    home,
    workspaceRoot: workspace.gitRoot ?? workspace.cwd,
    projectFolders: trusted ? PROJECT_FOLDERS.map((folder) => path.join(root, folder)) : [],
    isTrusted: (file, text) => isTrustedContent(loaded.project.content, root, file, text),
  });
}
