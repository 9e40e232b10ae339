import fs from "node:fs";
import type { SessionSurroundings } from "@quire/core";
import type { System } from "../system.ts";

/** The day in the user's time zone as YYYY-MM-DD. */
export function localDate(system: Pick<System, "now">): string {
  return dayOf(system.now());
}

/** The same of any moment. */
export function dayOf(unixMs: number): string {
  const day = new Date(unixMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The IANA name of the time zone, read from the system: asking Intl for it loads megabytes at start. */
export function timezoneName(env: System["env"]): string {
  if (env.TZ) return env.TZ.replace(/^:/, "");
  try {
    const target = fs.readlinkSync("/etc/localtime");
    const name = target.split("/zoneinfo/")[1];
    if (name) return name;
  } catch {
    // Not a link, or none there; the next file may know.
  }
  try {
    return fs.readFileSync("/etc/timezone", "utf8").trim() || "UTC";
  } catch {
    return "UTC";
  }
}

/** The shell that commands run in. */
export function shellPath(exists: (path: string) => boolean = fs.existsSync): string {
  for (const candidate of ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]) {
    if (exists(candidate)) return candidate;
  }
  return "/bin/sh";
}

export type { SessionSurroundings };
