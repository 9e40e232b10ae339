import type { Engine } from "../engine.ts";
import { pageOf } from "../page.ts";
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

/** What can be chosen: models, permission profiles; and whether there is a key. */
export function catalogueMethods(
  engine: Pick<Engine, "models" | "account" | "skills">,
): Handlers<"model/list" | "permissionProfile/list" | "account/read" | "skills/list"> {
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
    "account/read": () => engine.account(),
  };
}
