import { readFileSync } from "node:fs";
import { entryAt } from "../protect/paths.ts";
import type { HostFacts } from "./remedies.ts";

/** Reads what explains a refusal; only looked at after one. */
export function readHostFacts(): HostFacts {
  return {
    osRelease: read("/etc/os-release"),
    appArmorRestricted: read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").trim() === "1",
    userNamespacesOff:
      read("/proc/sys/kernel/unprivileged_userns_clone").trim() === "0" ||
      read("/proc/sys/user/max_user_namespaces").trim() === "0",
    insideContainer: entryAt("/.dockerenv") !== undefined || entryAt("/run/.containerenv") !== undefined,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // This kernel or system does not have it.
    return "";
  }
}
