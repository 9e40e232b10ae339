import type { EffectiveCommand } from "../shell/effective-command.ts";
import type { ShellSurroundings, ShellWord } from "../shell/script-model.ts";
import { argumentTargets, redirectTargets } from "../shell/write-targets.ts";
import { type ForbidRules, placeOf } from "./forbid-rule.ts";

/** Files in a home folder that a shell, a login or a desktop session runs or obeys. */
const HOME_STARTUP =
  /^(?:\.(?:bash(?:rc|_profile|_login|_logout|_aliases)|profile|zsh(?:rc|env)|zprofile|zlogin|zlogout|kshrc|cshrc|tcshrc|login|inputrc|xinitrc|xprofile|xsession(?:rc)?|pam_environment|gitconfig|npmrc|pypirc|netrc|vimrc|emacs|tmux\.conf|screenrc|gdbinit|pythonrc|curlrc|wgetrc|pythonstartup|forward|rhosts|shosts)|\.ssh(?:\/.*)?|\.gnupg(?:\/.*)?|\.config\/(?:fish|autostart|systemd|git|environment\.d|nvim|pip|containers)(?:\/.*)?|\.local\/share\/systemd(?:\/.*)?|\.local\/share\/applications(?:\/.*)?|\.(?:docker|kube|aws)\/config(?:\.json)?|\.cargo\/config(?:\.toml)?|Library\/Launch(?:Agents|Daemons)(?:\/.*)?|\.oh-my-zsh(?:\/.*)?|\.vim(?:\/.*)?|\.emacs\.d(?:\/.*)?)$/;

const SYSTEM_STARTUP =
  /^\/(?:etc\/(?:profile(?:\.d\/.*)?|bash\.bashrc|bashrc|environment|zsh(?:\/.*|rc|env)|cron[^/]*(?:\/.*)?|anacrontab|at\.(?:allow|deny)|systemd(?:\/.*)?|init\.d(?:\/.*)?|rc[^/]*(?:\/.*)?|inittab|sudoers(?:\.d\/.*)?|doas\.conf|passwd-?|g?shadow-?|group-?|ld\.so\.(?:preload|conf(?:\.d\/.*)?)|pam\.d\/.*|pam\.conf|security\/.*|ssh\/.*|hosts(?:\.(?:allow|deny|equiv))?|resolv\.conf|nsswitch\.conf|fstab|crypttab|modules(?:-load\.d\/.*)?|modprobe\.d\/.*|sysctl\.(?:conf|d\/.*)|udev\/.*|apparmor(?:\.d\/.*)?|selinux\/.*|default\/grub.*|grub\.d\/.*|polkit-1\/.*|dbus-1\/.*|X11\/.*|gitconfig|xdg\/autostart\/.*|logrotate\.d\/.*|update-motd\.d\/.*|NetworkManager\/.*|docker\/daemon\.json|apt\/apt\.conf\.d\/.*|ca-certificates.*|ssl\/certs\/.*)|var\/spool\/(?:cron|at)(?:\/.*)?|(?:usr\/)?lib\/systemd\/.*|boot\/.*|root\/\.(?:bashrc|profile|ssh\/.*)|usr\/local\/share\/ca-certificates\/.*)$/;

const KERNEL =
  /^\/(?:proc\/(?:sys\/.*|sysrq-trigger|[^/]+\/(?:mem|oom_.*|attr\/.*|uid_map|gid_map|setgroups))|sys\/.*)$/;

/** Configuration of this and other coding agents, at any depth. */
const AGENT_FOLDER =
  /\/(?:\.quire|\.codex|\.agents|\.claude|\.cursor|\.gemini|\.aider[^/]*|\.opencode|\.windsurf|\.continue)(?:\/|$)|\/\.mcp\.json$|\/\.claude\.json$|\/\.cursorrules$/;
const EDITOR_FOLDER = /\/(?:\.vscode|\.idea|\.devcontainer)\/[^/]+|\/\.devcontainer\.json$/;

/** Why writing this normalised path is refused, or null. */
function writeDanger(path: string, around: ShellSurroundings): string | null {
  if (AGENT_FOLDER.test(path)) return "changes the configuration of a coding agent";
  if (EDITOR_FOLDER.test(path)) return "changes an editor's configuration, which can start programs";
  if (/\/\.git(?:\/|$)/.test(path)) return "changes the repository's own files, which decide what git runs";
  if (/\/\.gitmodules$/.test(path)) return "changes which repositories git fetches and runs in";
  if (/^\/(?:usr\/)?(?:bin|sbin|lib|lib32|lib64)\//.test(path))
    return "replaces a part of the operating system";
  if (KERNEL.test(path)) return "changes a kernel setting";
  if (SYSTEM_STARTUP.test(path)) return "changes a file the system runs or trusts";
  const below = startupPart(path, around.home);
  if (below !== null && /^\.(?:bash|zsh|python|psql|mysql)_history$/.test(below))
    return "changes the record of past commands";
  return below !== null && HOME_STARTUP.test(below) ? "changes a file that runs at the next login" : null;
}

function startupPart(path: string, home: string): string | null {
  if (home !== "/" && path.startsWith(`${home}/`)) return path.slice(home.length + 1);
  return /^(?:\/root|\/(?:home|Users)\/[^/]+)\/(.*)$/.exec(path)?.[1] ?? null;
}

function dangerOf(word: ShellWord, effective: EffectiveCommand, around: ShellSurroundings): string | null {
  const { place, path } = placeOf(word, effective, around);
  if (path !== null && around.roots.some((root) => path.startsWith(`${root}/`)) && !/\/\./.test(path))
    return null;
  if (place === "device") return "writes straight to a device";
  if (path === null) return tailDanger(word.text);
  return writeDanger(path, around);
}

/** When the folder is only known at run time, the end of the path may still tell. */
function tailDanger(text: string): string | null {
  const known = text.replace(/^[^/]*[\ue000\ue001][^/]*/, "");
  if (/(?:^|\/)\.git\/(?:hooks\/|config$)/.test(known) || AGENT_FOLDER.test(known))
    return "changes files that decide what git or the agent runs";
  return /(?:^|\/)\.(?:bashrc|zshrc|profile|bash_profile|ssh\/authorized_keys)$/.test(known)
    ? "changes a file that runs at the next login"
    : null;
}

/** Removing or replacing these is as bad as writing them. */
const REMOVERS = /^(?:rm|unlink|shred|mv|chmod|chown|chattr)$/;

/** Writing where something later runs or trusts what was written. */
export const PROTECTED_WRITE: ForbidRules = {
  "*": (effective, around) => {
    const targets = [...argumentTargets(effective)];
    if (effective.wrappers.length === 0) targets.push(...redirectTargets(effective.command));
    for (const word of targets) {
      const reason = dangerOf(word, effective, around);
      if (reason !== null) return reason;
    }
    if (!REMOVERS.test(effective.name)) return null;
    for (const word of effective.args) {
      const { path } = placeOf(word, effective, around);
      if (path !== null && (AGENT_FOLDER.test(path) || /\/\.git\/(?:hooks\/.|config$)/.test(path)))
        return "changes files that decide what git or the agent runs";
    }
    return null;
  },
};

/** The same for redirections of a group, which has no program of its own. */
export function groupRedirectDanger(effective: EffectiveCommand, around: ShellSurroundings): string | null {
  for (const word of redirectTargets(effective.command)) {
    const reason = dangerOf(word, effective, around);
    if (reason !== null) return reason;
  }
  return null;
}
