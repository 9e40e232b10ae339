import { DEFAULT_ROOT_MARKERS } from "./project-root.ts";
import type { Table } from "./table.ts";

/** Total size of the project documents that a model is shown, in bytes. */
export const DEFAULT_PROJECT_DOC_MAX_BYTES = 32_768;

/** The lowest layer, in the words of the file. Keys that stay unset until someone sets them are not here. */
export function defaultTable(): Table {
  return {
    approval_policy: "on-request",
    sandbox_mode: "workspace-write",
    sandbox_workspace_write: {
      writable_roots: [],
      network_access: false,
      exclude_tmpdir_env_var: false,
      exclude_slash_tmp: false,
    },
    shell_environment_policy: {
      inherit: "core",
      ignore_default_excludes: false,
      experimental_use_profile: false,
    },
    allow_login_shell: true,
    tools: { update_plan: { enabled: true }, view_image: true },
    project_doc_max_bytes: DEFAULT_PROJECT_DOC_MAX_BYTES,
    project_doc_fallback_filenames: ["CLAUDE.md"],
    project_doc_rules: "enforce",
    project_root_markers: [...DEFAULT_ROOT_MARKERS],
    hide_agent_reasoning: false,
    show_raw_agent_reasoning: false,
    file_opener: "vscode",
    disable_response_storage: false,
    include_permissions_instructions: true,
    include_environment_context: true,
    background_terminal_max_timeout: 300_000,
    history: { persistence: "save-all" },
  };
}
