import { expect, test } from "vitest";
import { isTooOld, parseFeatures } from "./features.ts";
import { explainFailure, installLine, missingBubblewrap } from "./remedies.ts";

const facts = {
  osRelease: "ID=debian\n",
  appArmorRestricted: false,
  userNamespacesOff: false,
  insideContainer: false,
};

test.each([
  ["ID=debian\n", "sudo apt-get install -y bubblewrap"],
  ['NAME="Pop!_OS"\nID=pop\nID_LIKE="ubuntu debian"\n', "sudo apt-get install -y bubblewrap"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install -y bubblewrap"],
  ["ID=arch\n", "sudo pacman -S --noconfirm bubblewrap"],
  ["ID=alpine\n", "apk add bubblewrap util-linux-misc"],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install -y bubblewrap"],
  ["", "install the package bubblewrap (0.5 or newer) with your system's package manager"],
])("the install line for %j", (osRelease, line) => {
  expect(installLine(osRelease)).toBe(line);
  expect(missingBubblewrap({ ...facts, osRelease })).toMatchObject({
    code: "bubblewrap-missing",
    remedy: line,
  });
});

test.each([
  [
    "bwrap: setting up uid map: Permission denied",
    { appArmorRestricted: true },
    "user-namespaces-denied",
    /apparmor_parser/,
  ],
  [
    "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
    { appArmorRestricted: true },
    "network-namespace-denied",
    /bwrap-userns-restrict/,
  ],
  [
    "bwrap: No permissions to create new namespace, likely because",
    { userNamespacesOff: true },
    "user-namespaces-denied",
    /unprivileged_userns_clone=1/,
  ],
  [
    "bwrap: Creating new namespace failed: Operation not permitted",
    { insideContainer: true },
    "user-namespaces-denied",
    /--security-opt seccomp=unconfined.*external-sandbox/,
  ],
  [
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
    { insideContainer: true },
    "proc-denied",
    /weak_proc = true/,
  ],
  ["bwrap: prctl(PR_SET_SECCOMP): Invalid argument", {}, "seccomp-denied", /CONFIG_SECCOMP_FILTER/],
  ["bwrap: something nobody has seen", {}, "probe-failed", /doctor/],
])("%s is explained", (output, changes, code, remedy) => {
  expect(explainFailure(output, { ...facts, ...changes })).toEqual({
    code,
    cause: expect.stringContaining(output.slice(0, 40)),
    remedy: expect.stringMatching(remedy),
  });
});

test("features come from what the program says", () => {
  expect(parseFeatures("bubblewrap 0.8.0\n", "--bind-fd FD DEST --ro-bind-fd --disable-userns")).toEqual({
    version: "0.8.0",
    bindDescriptor: true,
    disableUserNamespaces: true,
  });
  expect(parseFeatures("bubblewrap 0.6.1", "--bind SRC DEST")).toEqual({
    version: "0.6.1",
    bindDescriptor: false,
    disableUserNamespaces: false,
  });
  expect(parseFeatures("not found", "")).toBeUndefined();
  expect([isTooOld("0.4.1"), isTooOld("0.5.0"), isTooOld("0.11.0"), isTooOld("1.0")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
