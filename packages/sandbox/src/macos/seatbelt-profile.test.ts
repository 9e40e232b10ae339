import { expect, test } from "vitest";
import { seatbeltProfile } from "./seatbelt-profile.ts";

const view = {
  writable: ["/Users/me/work (1)"],
  pinned: ["/Users/me/work (1)/vendor"],
  readOnly: ["/Users/me/work (1)/vendor/.git"],
  missing: ["/Users/me/work (1)/.quire"],
  hiddenFolders: ["/Users/me/.ssh"],
  hiddenFiles: ['/Users/me/a "quoted" file'],
  links: [{ path: "/Users/me/work (1)/.claude", target: "x" }],
};

test("denies first, then allows, then protects", () => {
  const profile = seatbeltProfile({
    view,
    network: "off",
    protectedNames: [".git"],
    temporaryFolder: "/private/tmp/s",
  });
  expect(profile).toBe(`(version 1)
(deny default)
(allow process-exec process-fork)
(allow signal process-info* (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name-regex #"^com\\.apple\\.(system\\.|cfprefsd|trustd|logd)"))
(allow pseudo-tty ipc-posix-sem ipc-posix-shm)
(allow file-read* file-test-existence)
(allow file-ioctl file-write-data file-read-data
  (literal "/dev/null")
  (literal "/dev/zero")
  (literal "/dev/tty")
  (literal "/dev/ptmx")
  (literal "/dev/dtracehelper")
  (regex #"^/dev/ttys[0-9]+$"))
(allow file-write*
  (subpath "/Users/me/work (1)")
  (subpath "/private/tmp/s"))
(deny file-write*
  (regex #"^/Users/me/work \\(1\\)/(.*/)?(\\.[gG][iI][tT])(/|$)")
  (subpath "/Users/me/work (1)/vendor/.git")
  (subpath "/Users/me/work (1)/.claude"))
(deny file-write-unlink
  (literal "/Users/me/work (1)/vendor"))
(deny file-read* file-write*
  (subpath "/Users/me/.ssh")
  (literal "/Users/me/a \\"quoted\\" file"))
(allow network* (local ip "localhost:*"))
`);
});

test("gives network only when asked", () => {
  const profile = (network: "off" | "on") =>
    seatbeltProfile({ view, network, temporaryFolder: "/private/tmp/s" });
  expect(profile("on")).toContain("(allow network* system-socket)");
  expect(profile("off")).not.toContain("(allow network* system-socket)");
});

test("leaves out rules that would match nothing", () => {
  const empty = {
    ...view,
    writable: [],
    pinned: [],
    readOnly: [],
    hiddenFolders: [],
    hiddenFiles: [],
    links: [],
  };
  expect(seatbeltProfile({ view: empty, network: "off", temporaryFolder: "/private/tmp/s" })).not.toMatch(
    /\([a-z* -]+\n\s*\)/,
  );
});
