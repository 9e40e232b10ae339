import type { System } from "../system.ts";

const REDRAW_MS = 200;
/** Where nobody watches, a line now and then is enough for a log. */
const LOG_MS = 10_000;

/** Tells on standard error how far something is, how fast it goes and how long it will take. */
export interface Progress {
  step(): void;
  /** One that was there already. */
  skip(): void;
  end(): void;
}

/** Counts to `total`. */
export function startProgress(system: System, what: string, total: number): Progress {
  const started = system.monotonicMs();
  const terminal = Boolean(system.stderr.isTTY);
  let count = 0;
  let done = 0;
  let drawn = started;
  const line = (): string => {
    const seconds = (system.monotonicMs() - started) / 1000;
    const rate = (count - done) / Math.max(seconds, 0.001);
    const left = rate > 0 ? `, ${duration((total - count) / rate)} left` : "";
    return `${what} ${count}/${total}, ${rate.toFixed(1)}/s${left}`;
  };
  const draw = (): void => {
    drawn = system.monotonicMs();
    system.stderr.write(terminal ? `\r\u001b[K${line()}` : `${line()}\n`);
  };
  return {
    skip() {
      count += 1;
      done += 1;
    },
    step() {
      count += 1;
      if (system.monotonicMs() - drawn >= (terminal ? REDRAW_MS : LOG_MS)) draw();
    },
    end() {
      if (terminal) system.stderr.write("\r\u001b[K");
    },
  };
}

/** `1:05:09`, `3:20`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const rest = `${two(whole % 60)}`;
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
