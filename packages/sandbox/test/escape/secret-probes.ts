import { must, type Probe, WRITING } from "./probe.ts";

const SECRET_FILES = [
  "$HOME/.ssh/id_ed25519",
  "$HOME/.aws/credentials",
  "$HOME/.netrc",
  "$HOME/.config/gh/hosts.yml",
  "$HOME/.quire/auth.json",
  "$HOME/.codex/auth.json",
  "$WS/.env",
  "$WS/.env.local",
  "$WS/pkg/one/.env.production",
];

/** Reading what belongs to the user alone. */
export const SECRET_PROBES: readonly Probe[] = [
  ...SECRET_FILES.map((file) => must(`secret.file:${file}`, `grep -q $CANARY "${file}" && echo ESCAPED`)),
  must("secret.by-link", "grep -q $CANARY $WS/to-key && echo ESCAPED"),
  must("secret.by-new-link", "ln -s $HOME/.ssh/id_ed25519 /tmp/k; grep -q $CANARY /tmp/k && echo ESCAPED"),
  must("secret.by-proc-root", "grep -q $CANARY /proc/1/root$HOME/.ssh/id_ed25519 && echo ESCAPED"),
  must("secret.by-copy", "cp $WS/.env /tmp/e; grep -q $CANARY /tmp/e && echo ESCAPED"),
  must("secret.by-hard-link", "ln .env e2; grep -q $CANARY e2 && echo ESCAPED", WRITING),
  must("secret.by-rename", "mv .env e3; grep -q $CANARY e3 && echo ESCAPED", WRITING),
  must(
    "secret.by-parent-rename",
    "mkdir q; mv pkg q/; grep -rq $CANARY q && echo ESCAPED; mv q/pkg . 2>/dev/null",
    WRITING,
  ),
  must("secret.by-archive", "tar -cf - $HOME $WS 2>/dev/null | grep -aq $CANARY && echo ESCAPED"),
  must(
    "secret.by-chmod",
    "chmod -R u+rwx $HOME/.ssh 2>/dev/null; grep -rq $CANARY $HOME/.ssh && echo ESCAPED",
  ),
  must("secret.listing", "ls -A $HOME/.ssh 2>/dev/null | grep -q id_ && echo ESCAPED"),
  must("secret.shadow", "head -c 1 /etc/shadow 2>/dev/null | grep -q . && echo ESCAPED"),
  must("secret.variables", "env | grep -q -- $CANARY-env && echo ESCAPED"),
  // Where bash is sh, it leaves its own behind.
  must(
    "secret.variables-of-first",
    "tr '\\0' '\\n' < /proc/1/environ | grep -v '^SHLVL=0$' | grep -q . && echo ESCAPED",
  ),
  must(
    "secret.variables-of-others",
    "cat /proc/[0-9]*/environ 2>/dev/null | grep -aq -- $CANARY-env && echo ESCAPED",
  ),
  must("secret.preload", "env | grep -q LD_PRELOAD && echo ESCAPED"),
  must(
    "secret.command-lines",
    "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'ro-bin[d]' && echo ESCAPED",
  ),
  // Not waiting for a pipe that nothing comes out of: that would leave the descriptors behind it unread.
  must(
    "secret.options-file",
    "for d in /proc/1/fd/*; do dd if=$d iflag=nonblock bs=1M count=1 2>/dev/null; done | grep -aq ro-bind && echo ESCAPED",
  ),
];
