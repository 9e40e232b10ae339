import { SHELLS } from "../shell/effective-command.ts";
import { hasOption, operandsOf } from "../shell/write-targets.ts";
import type { ForbidRule, ForbidRules } from "./forbid-rule.ts";

const always =
  (why: string): ForbidRule =>
  () =>
    why;
const texts = (args: readonly { text: string }[]): string[] => args.map((arg) => arg.text);

/** `sudo` with a command asks; what opens a shell of another user is refused. */
const becomeOther: ForbidRule = ({ args }) => {
  const inner = operandsOf(args, "ughpCrtTUDR")[0]?.text ?? "";
  if (hasOption(args, "S", "--stdin")) return "feeds a password to sudo";
  const opens =
    hasOption(args, "is", "--login", "--shell") || SHELLS.test(inner) || inner === "su" || inner === "-";
  return opens ? "opens a shell of another user" : null;
};

const firewall: ForbidRule = ({ name, args }) => {
  const words = texts(args);
  if (/^(?:ip6?|eb|arp)tables(?:-legacy|-nft)?$/.test(name))
    return words.some((word) => /^-[A-Za-z]*[LS]|^--list/.test(word)) &&
      !words.some((word) => /^-[ADFIPRXNZ]/.test(word))
      ? null
      : "changes the firewall";
  if (name === "nft") return words[0] === "list" ? null : "changes the firewall";
  if (name === "ufw") return words[0] === "status" ? null : "changes the firewall";
  return words.some((word) => /^--(?:list|get|state|query)/.test(word)) ? null : "changes the firewall";
};

const sysctl: ForbidRule = ({ args }) =>
  hasOption(args, "wpf", "--write", "--load", "--system") ||
  args.some((arg) => /^[a-z0-9_./-]+=/i.test(arg.text))
    ? "changes a kernel setting"
    : null;

const mountRule: ForbidRule = ({ args }) =>
  args.length === 0 ||
  (hasOption(args, "l") && args.length === 1) ||
  texts(args).every((word) => /^--?(?:h|help|V|version)$/.test(word))
    ? null
    : "changes what is mounted";

const network: ForbidRule = ({ args }) =>
  args.some((arg) => /^(?:add|del|delete|set|replace|flush|change)$/.test(arg.text)) &&
  args.some((arg) => /^(?:l|link|a|addr|address|r|route|ru|rule|netns|tunnel|tuntap|neigh)$/.test(arg.text))
    ? "changes the network of the machine"
    : null;

const container: ForbidRule = ({ args }) => {
  const words = texts(args);
  const wide = words.some(
    (word, index) =>
      /^--(?:privileged|cap-add)(?:=|$)/.test(word) ||
      /^--(?:pid|net|network|ipc|uts|userns)=host$/.test(word) ||
      (/^--(?:pid|ipc|userns|uts)$/.test(word) && words[index + 1] === "host") ||
      /(?:^|[=,])(?:\/|\/etc|\/root|\/var\/run\/docker\.sock|\/run\/docker\.sock|\/proc|\/sys|\/dev|\/var|\/usr|\/home|\/boot)\/?:/.test(
        word,
      ) ||
      /source=\/(?:,|$)|src=\/(?:,|$)|security-opt[= ]?(?:seccomp|apparmor)=unconfined/.test(word) ||
      /^(?:seccomp|apparmor)=unconfined$/.test(word),
  );
  return wide ? "starts a container that can change the host" : null;
};

const power: ForbidRule = ({ args }) =>
  args.some((arg) => /^--?(?:h|help|version|c)$/.test(arg.text)) && args.length === 1
    ? null
    : "stops the machine";

const service: ForbidRule = ({ args }) => {
  const verb = operandsOf(args, "HMtpn")[0]?.text ?? "";
  if (/^(?:poweroff|reboot|halt|kexec|suspend|hibernate|emergency|rescue|isolate|default)$/.test(verb))
    return "stops the machine";
  if (
    /^(?:enable|reenable|link|edit|set-default|preset|add-wants|add-requires|import-environment|set-environment)$/.test(
      verb,
    )
  )
    return "makes a program start by itself";
  const guards =
    /^(?:apparmor|auditd|firewalld|ufw|nftables|iptables|fail2ban|selinux|rsyslog|systemd-journald)(?:\.service)?$/;
  if (verb === "stop" && args.some((arg) => guards.test(arg.text)))
    return "switches a protection of the machine off";
  return /^(?:mask|disable)$/.test(verb) ? "switches a system service off for good" : null;
};

const accounts = always("changes the accounts of the machine");
const kernel = always("changes the running kernel");
const leaves = always("leaves the sandbox for other namespaces");
const switchesOff = always("switches a protection of the machine off");

/** Rights, accounts, kernel, mounts, firewall, power. */
export const PRIVILEGE: ForbidRules = {
  sudo: becomeOther,
  doas: becomeOther,
  pkexec: becomeOther,
  run0: becomeOther,
  su: always("opens a shell of another user"),
  runuser: always("acts as another user"),
  nsenter: leaves,
  unshare: leaves,
  chroot: leaves,
  pivot_root: leaves,
  setpriv: leaves,
  capsh: leaves,
  machinectl: ({ args }) =>
    args.some((arg) => /^(?:shell|login)$/.test(arg.text)) ? "opens a shell elsewhere" : null,
  mount: mountRule,
  umount: mountRule,
  losetup: ({ args }) =>
    args.length === 0 || hasOption(args, "al", "--list") ? null : "changes the devices of the machine",
  swapoff: kernel,
  swapon: ({ args }) => (hasOption(args, "s", "--show") ? null : "changes the running kernel"),
  insmod: kernel,
  modprobe: kernel,
  rmmod: kernel,
  kexec: kernel,
  depmod: kernel,
  bpftool: kernel,
  sysctl,
  setenforce: switchesOff,
  "aa-exec": switchesOff,
  "aa-disable": switchesOff,
  "aa-complain": switchesOff,
  "aa-teardown": switchesOff,
  apparmor_parser: switchesOff,
  auditctl: switchesOff,
  setcap: always("gives a program special rights"),
  chattr: ({ args }) =>
    args.some((arg) => /^[+=-][a-zA-Z]*[ia]/.test(arg.text))
      ? "makes files unchangeable or lifts that"
      : null,
  iptables: firewall,
  ip6tables: firewall,
  "iptables-restore": always("changes the firewall"),
  nft: firewall,
  ufw: firewall,
  "firewall-cmd": firewall,
  ip: network,
  tc: ({ args }) =>
    args.some((arg) => /^(?:add|del|change|replace)$/.test(arg.text))
      ? "changes the network of the machine"
      : null,
  ifconfig: ({ args }) => (operandsOf(args).length > 1 ? "changes the network of the machine" : null),
  route: ({ args }) =>
    args.some((arg) => /^(?:add|del)$/.test(arg.text)) ? "changes the network of the machine" : null,
  docker: container,
  podman: container,
  nerdctl: container,
  shutdown: power,
  reboot: power,
  halt: power,
  poweroff: power,
  init: ({ args }) => (/^[0-6]$/.test(args[0]?.text ?? "") ? "stops the machine" : null),
  telinit: power,
  systemctl: service,
  useradd: accounts,
  adduser: accounts,
  usermod: accounts,
  userdel: accounts,
  deluser: accounts,
  groupadd: accounts,
  groupmod: accounts,
  gpasswd: accounts,
  passwd: accounts,
  chpasswd: accounts,
  chsh: accounts,
  vipw: accounts,
  visudo: accounts,
  newusers: accounts,
  "update-ca-certificates": always("changes which certificates the machine trusts"),
};
