/** CPU seconds of all programs that were started with `COUNTED` since the start of the benchmark. */
export const cpu = { seconds: 0 };

/** Runs the program and arguments that follow it and reports on descriptor 3 what they and their children used. */
export const COUNTED = '"$0" "$@"; status=$?; times >&3; exit $status';

/** Adds up what arrives on descriptor 3: the second line of `times` is that of the children. */
export function countCpu(stream) {
  let text = "";
  stream.on("data", (chunk) => {
    text += chunk;
  });
  stream.on("close", () => {
    const line = text.split("\n")[1] ?? "";
    for (const [, minutes, seconds] of line.matchAll(/(\d+)m([\d.]+)s/g))
      cpu.seconds += Number(minutes) * 60 + Number(seconds);
  });
}
