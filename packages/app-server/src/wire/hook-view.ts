import { createHash } from "node:crypto";
import { type HookDefinition, hookEventName, hookEventWords } from "@quire/core";
import type { HookMetadata } from "@quire/protocol/app-server";

/** A hook that holds, as clients know it. */
export function hookMetadata(hook: HookDefinition, displayOrder: number): HookMetadata {
  const { event, place, matcher, command, timeoutMs, statusMessage, origin } = hook;
  const { file, kind, pluginId } = origin;
  const what = JSON.stringify([event, matcher, command, timeoutMs, statusMessage]);
  return {
    key: `${file}:${hookEventWords(hook, "_")}:${place.group}:${place.handler}`,
    eventName: hookEventName(hook),
    handlerType: "command",
    command,
    async: false,
    matcher,
    timeoutSec: timeoutMs / 1000,
    statusMessage,
    additionalContextLimit: null,
    sourcePath: file,
    source: kind,
    pluginId,
    environmentId: null,
    displayOrder,
    enabled: true,
    isManaged: false,
    currentHash: `sha256:${createHash("sha256").update(what).digest("hex")}`,
    trustStatus: "trusted",
  };
}
