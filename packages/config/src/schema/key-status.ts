/**
 * Keys that are valid and yet change nothing here. When a key begins to work, its line goes away.
 * - `not_yet`: the feature is planned.
 * - `hosted_only`: the key steers a hosted service or another platform that Quire does not have.
 * - `removed`: gone from Codex as well; the note says what to use instead.
 */
export type KeyStatus = "not_yet" | "hosted_only" | "removed";

export interface KeyStatusEntry {
  readonly status: KeyStatus;
  readonly note?: string;
}

const notYet: KeyStatusEntry = { status: "not_yet" };
const ownProxy: KeyStatusEntry = {
  status: "hosted_only",
  note: "the proxy listens on no port of the machine",
};
const hostedOnly: KeyStatusEntry = { status: "hosted_only" };

/** Dotted key, with `*` for a name the user chose. A table stands for everything below it. */
export const KEY_STATUS: Readonly<Record<string, KeyStatusEntry>> = {
  "agents.interrupt_message": notYet,
  approvals_reviewer: notYet,
  auto_review: notYet,
  disable_paste_burst: notYet,
  experimental_compact_prompt_file: notYet,
  file_opener: notYet,
  history: notYet,
  log_dir: notYet,
  mcp_oauth_callback_url: notYet,
  "mcp_servers.*.environment_id": notYet,
  "model_providers.*.aws": notYet,
  "model_providers.*.gateway_oauth": notYet,
  "model_providers.*.model_catalog_url": notYet,
  model_auto_compact_token_limit_scope: notYet,
  model_post_turn_compact_threshold_percent: notYet,
  otel: notYet,
  "permissions.*.network.unix_sockets": notYet,
  "permissions.*.network.allow_local_binding": {
    status: "not_yet",
    note: "name the address and the port in domains instead",
  },
  "permissions.*.network.dangerously_allow_all_unix_sockets": notYet,
  "permissions.*.network.proxy_url": ownProxy,
  "permissions.*.network.socks_url": ownProxy,
  "permissions.*.network.enable_socks5": ownProxy,
  "permissions.*.network.enable_socks5_udp": ownProxy,
  "permissions.*.network.allow_upstream_proxy": ownProxy,
  "permissions.*.network.dangerously_allow_non_loopback_proxy": ownProxy,
  personality: notYet,
  plugins: notYet,
  marketplaces: notYet,
  "shell_environment_policy.filters": notYet,
  skills: notYet,
  sqlite_home: notYet,
  "tools.client_search_provider": notYet,
  tool_suggest: notYet,
  "tui.alternate_screen": notYet,
  "tui.animations": notYet,
  "tui.auto_recap": notYet,
  "tui.collapse_turn_details": notYet,
  "tui.copy_on_select": notYet,
  "tui.effects": notYet,
  "tui.fullscreen_transcript": notYet,
  "tui.mouse_scroll_speed": notYet,
  "tui.pet": notYet,
  "tui.presets": notYet,
  "tui.raw_output_mode": notYet,
  "tui.resume_cwd": notYet,
  "tui.right_click_paste": notYet,
  "tui.scroll_events_per_tick": notYet,
  "tui.session_picker_view": notYet,
  "tui.show_tooltips": notYet,
  "tui.sidebar_width": notYet,
  "tui.status_line_use_colors": notYet,

  analytics: { status: "hosted_only", note: "Quire sends no analytics" },
  feedback: { status: "hosted_only", note: "Quire sends no feedback reports" },
  check_for_update_on_startup: { status: "hosted_only", note: "Quire does not look for updates by itself" },
  apps: hostedOnly,
  apps_mcp_product_sku: hostedOnly,
  audio: hostedOnly,
  chatgpt_base_url: hostedOnly,
  debug: hostedOnly,
  desktop: hostedOnly,
  experimental_realtime_start_instructions: hostedOnly,
  experimental_realtime_ws_backend_prompt: hostedOnly,
  experimental_realtime_ws_base_url: hostedOnly,
  experimental_realtime_ws_model: hostedOnly,
  experimental_realtime_ws_startup_context: hostedOnly,
  experimental_thread_config_endpoint: hostedOnly,
  experimental_thread_store: hostedOnly,
  forced_chatgpt_workspace_id: hostedOnly,
  forced_login_method: hostedOnly,
  include_apps_instructions: hostedOnly,
  include_collaboration_mode_instructions: hostedOnly,
  notice: hostedOnly,
  realtime: hostedOnly,
  suppress_unstable_features_warning: hostedOnly,
  windows: hostedOnly,

  experimental_instructions_file: { status: "removed", note: "use model_instructions_file" },
  experimental_use_unified_exec_tool: { status: "removed", note: "use [features]" },
  ghost_snapshot: { status: "removed" },
  profile: { status: "removed", note: "choose a profile with --profile NAME" },
  profiles: {
    status: "removed",
    note: "put each profile into a file of its own, NAME.config.toml in the Quire home",
  },
};
