export type { Terminal } from "./terminal/terminal.ts";
