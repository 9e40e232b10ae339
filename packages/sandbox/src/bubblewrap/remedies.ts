import type { SandboxUnavailable } from "../command.ts";

/** What is said where commands are confined and yet may start any number of processes. */
export const UNLIMITED_PROCESSES = {
  weakness:
    "nothing limits how many processes a command starts: the kernel does not count those of root, no control group can be used, and Linux before 6.14 has no limit of its own for a sandbox",
  remedy:
    "to limit them, run as an ordinary user, make /sys/fs/cgroup writable, or give the container a limit of its own (docker run --pids-limit 1024)",
} as const;

/** What is known about the machine when bubblewrap does not work. */
export interface HostFacts {
  /** Text of /etc/os-release, empty when missing. */
  readonly osRelease: string;
  /** Ubuntu 23.10 and later: AppArmor confines user namespaces of programs without a profile. */
  readonly appArmorRestricted: boolean;
  /** A kernel setting allows no user namespaces at all. */
  readonly userNamespacesOff: boolean;
  readonly insideContainer: boolean;
}

const INSTALL_LINES: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(?:debian|ubuntu|linuxmint|pop|raspbian|kali)\b/, "sudo apt-get install -y bubblewrap"],
  [/\b(?:fedora|rhel|centos|rocky|almalinux|amzn|ol)\b/, "sudo dnf install -y bubblewrap"],
  [/\b(?:opensuse|opensuse-leap|opensuse-tumbleweed|sles|suse)\b/, "sudo zypper install -y bubblewrap"],
  [/\b(?:arch|manjaro|endeavouros)\b/, "sudo pacman -S --noconfirm bubblewrap"],
  [/\balpine\b/, "apk add bubblewrap util-linux-misc"],
  [/\bvoid\b/, "sudo xbps-install -y bubblewrap"],
  [/\bgentoo\b/, "sudo emerge sys-apps/bubblewrap"],
  [/\bnixos\b/, "nix-env -iA nixos.bubblewrap"],
];

const EXTERNAL = 'if this container is itself the boundary, say so with sandbox mode "external-sandbox"';

/** The command that installs bubblewrap on the distribution described by an os-release file. */
export function installLine(osRelease: string): string {
  const field = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const names = `${field("ID")} ${field("ID_LIKE")}`.toLowerCase();
  const line = INSTALL_LINES.find(([pattern]) => pattern.test(names))?.[1];
  return line ?? "install the package bubblewrap (0.5 or newer) with your system's package manager";
}

export function missingBubblewrap(facts: HostFacts): SandboxUnavailable {
  return {
    code: "bubblewrap-missing",
    cause: "bubblewrap (bwrap), which confines commands, was not found outside the writable folders",
    remedy: installLine(facts.osRelease),
  };
}

/** Names the cause behind what bubblewrap printed when it could not build a sandbox. */
export function explainFailure(output: string, facts: HostFacts): SandboxUnavailable {
  const said = `bubblewrap says: ${output.trim().split("\n").at(-1)?.slice(0, 300) ?? "nothing"}`;
  if (/RTM_NEWADDR|loopback/i.test(output)) {
    return {
      code: "network-namespace-denied",
      cause: `a private network could not be set up. ${said}`,
      remedy: facts.appArmorRestricted ? appArmorRemedy() : containerRemedy(facts, "--cap-add NET_ADMIN"),
    };
  }
  if (/mount proc|mounting proc/i.test(output)) {
    return {
      code: "proc-denied",
      cause: `a fresh /proc could not be mounted, as is usual in a nested container. ${said}`,
      remedy: `run the outer container with --security-opt systempaths=unconfined, or accept the host's /proc with weak_proc = true; ${EXTERNAL}`,
    };
  }
  if (/seccomp/i.test(output)) {
    return {
      code: "seccomp-denied",
      cause: `the system call filter could not be loaded. ${said}`,
      remedy: "use a kernel with CONFIG_SECCOMP_FILTER on x86-64 or arm64",
    };
  }
  if (
    /uid map|gid map|new namespace|namespaces? (?:failed|denied)|permissions to create|Operation not permitted|No space left/i.test(
      output,
    )
  ) {
    return {
      code: "user-namespaces-denied",
      cause: `this system refuses user namespaces. ${said}`,
      remedy: userNamespaceRemedy(facts),
    };
  }
  return {
    code: "probe-failed",
    cause: `a trial sandbox did not start. ${said}`,
    remedy: "run the doctor command for details, and check that bubblewrap is 0.5 or newer",
  };
}

function userNamespaceRemedy(facts: HostFacts): string {
  if (facts.appArmorRestricted) return appArmorRemedy();
  if (facts.userNamespacesOff) {
    return "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000";
  }
  return containerRemedy(facts, "--cap-add SYS_ADMIN");
}

function appArmorRemedy(): string {
  return (
    "sudo apt-get install -y apparmor-profiles && sudo ln -sf /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && " +
    "sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict (last resort: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0)"
  );
}

function containerRemedy(facts: HostFacts, capability: string): string {
  return facts.insideContainer
    ? `start the container with --security-opt seccomp=unconfined (or ${capability}); ${EXTERNAL}`
    : `allow user namespaces for bwrap on this system; ${EXTERNAL}`;
}
