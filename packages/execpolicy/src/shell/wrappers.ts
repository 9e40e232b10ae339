import type { ShellWord } from "./script-model.ts";

/** How to find the inner command behind a program that starts another one. */
export interface Wrapper {
  /** Short options that take the next word as their value. */
  valued: string;
  /** Long options that take the next word as their value. */
  longValued?: readonly string[];
  /** Operands before the inner command begins. */
  operands?: number;
  assignments?: boolean;
}

/** By program name. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: {
    valued: "ughpCrtTUDR",
    longValued: ["--user", "--group", "--host", "--prompt", "--chdir"],
    assignments: true,
  },
  doas: { valued: "uC" },
  pkexec: { valued: "", longValued: ["--user"] },
  run0: { valued: "ugD", longValued: ["--user", "--group", "--chdir"] },
  env: { valued: "uCP", longValued: ["--unset", "--chdir"], assignments: true },
  command: { valued: "" },
  builtin: { valued: "" },
  exec: { valued: "a" },
  nohup: { valued: "" },
  setsid: { valued: "" },
  time: { valued: "fo", longValued: ["--format", "--output"] },
  nice: { valued: "n", longValued: ["--adjustment"] },
  ionice: { valued: "cnpPu", longValued: ["--class", "--classdata"] },
  chrt: { valued: "TPD", operands: 1 },
  taskset: { valued: "", operands: 1 },
  timeout: { valued: "ks", longValued: ["--kill-after", "--signal"], operands: 1 },
  stdbuf: { valued: "ioe", longValued: ["--input", "--output", "--error"] },
  unbuffer: { valued: "" },
  strace: { valued: "aeEIoOpPsSuX" },
  ltrace: { valued: "aeFlnopsuX" },
  proxychains: { valued: "f" },
  proxychains4: { valued: "f" },
  torsocks: { valued: "" },
  "systemd-run": { valued: "upMHt", longValued: ["--unit", "--property", "--uid", "--gid", "--slice"] },
  flock: { valued: "wE", operands: 1 },
  chroot: { valued: "", operands: 1 },
  nsenter: { valued: "tSG", longValued: ["--target"] },
  unshare: { valued: "SGR" },
  setarch: { valued: "", operands: 1 },
  fakeroot: { valued: "" },
  firejail: { valued: "" },
  setpriv: { valued: "" },
  capsh: { valued: "" },
  runuser: { valued: "ugG" },
  busybox: { valued: "" },
  toybox: { valued: "" },
  xargs: {
    valued: "aEeIiLlnPsd",
    longValued: ["--arg-file", "--delimiter", "--max-args", "--max-procs", "--replace"],
  },
  parallel: {
    valued: "jnNLsSaIP",
    longValued: ["--jobs", "--max-args", "--arg-file", "--colsep", "--delay"],
  },
  watch: { valued: "n", longValued: ["--interval"] },
  "dbus-run-session": { valued: "" },
  "xvfb-run": { valued: "ensfp" },
  caffeinate: { valued: "tw" },
  entr: { valued: "" },
};

/** The words after a wrapper's own options and operands. */
export function afterOptions(args: readonly ShellWord[], wrapper: Wrapper): ShellWord[] {
  let index = 0;
  let operands = wrapper.operands ?? 0;
  for (; index < args.length; index++) {
    const text = args[index]?.text ?? "";
    if (text === "--") continue;
    if (text.startsWith("--")) {
      if (wrapper.longValued?.includes(text) === true) index += 1;
    } else if (text.startsWith("-") && text.length > 1) {
      if (text.length === 2 && wrapper.valued.includes(text.charAt(1))) index += 1;
    } else if (wrapper.assignments === true && /^[A-Za-z_][A-Za-z0-9_]*=/.test(text)) continue;
    else if (operands > 0) operands -= 1;
    else break;
  }
  return args.slice(index);
}
