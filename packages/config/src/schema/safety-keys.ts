import { ApprovalPolicySchema, SandboxModeSchema } from "@quire/protocol";
import * as z from "zod/mini";
import { any, anyTable, flag, oneOf, positive, text, textList, textMap } from "./values.ts";

const project = z.object({ trust_level: oneOf(["trusted", "untrusted"]) });

const networkCredential = z.object({
  header: text,
  prefix: text,
  env: text,
  command: textList,
  port: positive,
});

const network = z.object({
  enabled: flag,
  unknown_hosts: oneOf(["ask", "deny"]),
  domains: z.optional(z.record(z.string(), z.enum(["allow", "deny"]))),
  credentials: z.optional(z.record(z.string(), networkCredential)),
});

/** A profile in the words of Codex. */
const permissionProfile = z.object({
  description: text,
  extends: text,
  workspace_roots: anyTable,
  filesystem: anyTable,
  network: z.optional(
    z.object({
      enabled: flag,
      domains: z.optional(z.record(z.string(), z.enum(["allow", "deny"]))),
      mode: oneOf(["limited", "full"]),
      mitm: anyTable,
      unix_sockets: anyTable,
      proxy_url: text,
      socks_url: text,
      enable_socks5: flag,
      enable_socks5_udp: flag,
      allow_upstream_proxy: flag,
      allow_local_binding: flag,
      dangerously_allow_non_loopback_proxy: flag,
      dangerously_allow_all_unix_sockets: flag,
    }),
  ),
});

/** What may be done without asking, and what cannot be done at all. */
export const safetyKeys = {
  approval_policy: z.optional(ApprovalPolicySchema),
  approvals_reviewer: oneOf(["user", "auto_review", "guardian_subagent"]),
  auto_review: z.optional(z.object({ policy: text })),
  sandbox_mode: z.optional(SandboxModeSchema),
  sandbox_workspace_write: z.optional(
    z.object({
      writable_roots: textList,
      network_access: flag,
      exclude_tmpdir_env_var: flag,
      exclude_slash_tmp: flag,
    }),
  ),
  network: z.optional(network),
  default_permissions: text,
  permissions: z.optional(z.record(z.string(), permissionProfile)),
  shell_environment_policy: z.optional(
    z.object({
      inherit: oneOf(["all", "core", "none"]),
      ignore_default_excludes: flag,
      exclude: textList,
      include_only: textList,
      set: textMap,
      filters: any,
      experimental_use_profile: flag,
    }),
  ),
  allow_login_shell: flag,
  projects: z.optional(z.record(z.string(), project)),
  cli_auth_credentials_store: oneOf(["file", "keyring", "auto", "ephemeral"]),
  forced_login_method: oneOf(["chatgpt", "api"]),
  forced_chatgpt_workspace_id: any,
  windows: anyTable,
};
