export type { ThreadParams } from "./app/open-thread.ts";
export { runPlain } from "./app/plain.ts";
export type {
  Clock,
  EndedTurn,
  InputHistory,
  NextRequest,
  PromptFile,
  Reports,
  SetupPorts,
  TuiPorts,
} from "./app/ports.ts";
export type { TuiEnd, TuiStart } from "./app/session.ts";
export { runTui } from "./app/tui.ts";
export type { OpenHow } from "./commands/command.ts";
export type { Palette } from "./terminal/encode.ts";
export type { Terminal } from "./terminal/terminal.ts";
export { type ColourDepth, DARK, LIGHT, PLAIN, THEMES, type Theme } from "./terminal/theme.ts";
