export {
  DEFAULT_WAIT_MS,
  type EditChecks,
  type EditChecksDeps,
  type EditedFile,
  openEditChecks,
} from "./edit-checks.ts";
export { extensionOf, KNOWN_SERVERS, type LanguageServer } from "./known-servers.ts";
export type { ServerProcess, SpawnServer } from "./server-process.ts";
