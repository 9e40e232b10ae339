import { type ErrorInfo, resetText, visibleText } from "@quire/protocol";
import type { Style } from "./style.ts";

/** An error as people see it: what happened, its code, what to do. Always ends with a line break. */
export function errorText(error: ErrorInfo, style: Style): string {
  const lines = [`${style.red("error:")} ${visibleText(error.message)} ${style.dim(`[${error.code}]`)}`];
  if (error.next_step !== undefined) lines.push(`  ${visibleText(error.next_step)}`);
  const reset = resetText(error);
  if (reset !== null) lines.push(`  ${reset}`);
  if (error.code === "internal" && error.details !== undefined)
    lines.push(style.dim(visibleText(error.details)));
  return `${lines.join("\n")}\n`;
}
