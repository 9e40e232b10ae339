import type { Engine } from "../engine.ts";
import { pageOf } from "../page.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import { hookMetadata } from "../wire/hook-view.ts";
import type { Handlers } from "./handlers.ts";

const PROFILES = [
  {
    id: ":read-only",
    description: "Read files and run commands that write nothing. No network.",
    allowed: true,
  },
  {
    id: ":workspace",
    description: "Write inside the workspace and temporary folders; ask for more. No network by default.",
    allowed: true,
  },
  { id: ":danger-full-access", description: "Commands are not confined.", allowed: true },
];

/** What there is: models, permission profiles, skills, hooks, switches. */
export function catalogueMethods(
  engine: Pick<Engine, "models" | "skills" | "hooks" | "features">,
  loaded: LoadedThreads,
): Handlers<
  "model/list" | "permissionProfile/list" | "skills/list" | "hooks/list" | "experimentalFeature/list"
> {
  return {
    async "model/list"(params) {
      const models = await engine.models();
      const shown = params.includeHidden ? models : models.filter(({ hidden }) => !hidden);
      const { data, nextCursor } = pageOf(shown, ({ id }) => id, params);
      return { data, nextCursor };
    },
    "permissionProfile/list"(params) {
      const { data, nextCursor } = pageOf(PROFILES, ({ id }) => id, params);
      return { data, nextCursor };
    },
    async "skills/list"({ cwds }) {
      return { data: await engine.skills(cwds ?? []) };
    },
    async "hooks/list"({ cwds, threadId }) {
      const wanted = threadId == null ? (cwds ?? []) : [loaded.get(threadId).engine.settings().cwd];
      const folders = await engine.hooks(wanted);
      return {
        data: folders.map(({ cwd, hooks, warnings }) => ({
          cwd,
          hooks: hooks.map(hookMetadata),
          warnings: [...warnings],
          errors: [],
        })),
      };
    },
    async "experimentalFeature/list"(params) {
      const { data, nextCursor } = pageOf(await engine.features(), ({ name }) => name, params);
      return { data, nextCursor };
    },
  };
}
