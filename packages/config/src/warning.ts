import { escapeInvisible } from "./escape-invisible.ts";

/** Stable words for what a warning is about. */
export type ConfigWarningCode =
  | "unknown_key"
  | "key_without_effect"
  | "key_removed"
  | "value_unknown"
  | "project_untrusted"
  | "project_changed"
  | "project_key_ignored"
  | "project_config_broken"
  | "file_permissions";

/** Something about the configuration that the user should know and that does not stop the program. */
export interface ConfigWarning {
  code: ConfigWarningCode;
  /** `info` is for a log or a verbose mode; `warning` is shown. */
  level: "info" | "warning";
  /** One sentence or two, with the file in it. */
  message: string;
  file: string | null;
  /** Starting at 1, when it is known. */
  line: number | null;
  /** The dotted key. */
  key: string | null;
  /** The nearest key that exists. */
  suggestion: string | null;
  /** More lines, such as those of a diff; safe to show. */
  details: string[];
}

/** Fills in the fields that a warning does not need, and makes the message safe to show. */
export function configWarning(
  code: ConfigWarningCode,
  message: string,
  rest: Partial<Omit<ConfigWarning, "code" | "message">> = {},
): ConfigWarning {
  const { details = [], ...others } = rest;
  return {
    code,
    level: "warning",
    message: escapeInvisible(message),
    file: null,
    line: null,
    key: null,
    suggestion: null,
    ...others,
    details: details.map(escapeInvisible),
  };
}
