import { isFixed, type ShellCommand, type ShellWord } from "./script-model.ts";

/**
 * What a command prints, when that can be told without running it: `echo`, `printf` with simple formats, and
 * `cat` of a here-document. Undefined otherwise.
 */
export function staticOutput(command: ShellCommand): string | undefined {
  const [program, ...args] = command.words;
  if (program === undefined) return undefined;
  const name = program.text.slice(program.text.lastIndexOf("/") + 1);
  if (name === "cat" && args.length === 0) {
    const body = command.redirects.find((redirect) => redirect.body !== null)?.body;
    return body && isFixed(body) ? body.text : undefined;
  }
  if (!args.every(isFixed)) return undefined;
  if (name === "echo") return echoOutput(args);
  return name === "printf" ? printfOutput(args) : undefined;
}

function echoOutput(args: readonly ShellWord[]): string {
  let index = 0;
  let escapes = false;
  for (; /^-[neE]+$/.test(args[index]?.text ?? ""); index++) {
    if (args[index]?.text.includes("e") === true) escapes = true;
  }
  const text = args
    .slice(index)
    .map((arg) => arg.text)
    .join(" ");
  return escapes ? decodeEscapes(text) : text;
}

function printfOutput(args: readonly ShellWord[]): string | undefined {
  const [format, ...values] = args.map((arg) => arg.text);
  if (format === undefined || /%(?![sb%])/.test(format)) return undefined;
  const decoded = decodeEscapes(format);
  if (!/%[sb]/.test(decoded)) return decoded.replaceAll("%%", "%");
  let out = "";
  const queue = [...values];
  do {
    out += decoded.replace(/%([sb%])/g, (_all, kind: string) => {
      if (kind === "%") return "%";
      const value = queue.shift() ?? "";
      return kind === "b" ? decodeEscapes(value) : value;
    });
  } while (queue.length > 0);
  return out;
}

const NAMED: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  a: "",
  b: "",
  e: "",
  f: "",
  v: "",
};

/** `\n`, `\x72`, `\162`, `\0162`, `\u0072`. */
function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|0?([0-7]{1,3})|u([0-9a-fA-F]{1,4})|(.))/gs,
    (all, hex, octal, unicode, other) => {
      if (typeof hex === "string") return String.fromCharCode(Number.parseInt(hex, 16));
      if (typeof octal === "string") return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (typeof unicode === "string") return String.fromCharCode(Number.parseInt(unicode, 16));
      return typeof other === "string" ? (NAMED[other] ?? all) : String(all);
    },
  );
}

/** Applies a decoding filter such as `base64 -d`; undefined when the command is none or the text does not decode. */
export function decodedBy(command: ShellCommand, input: string): string | undefined {
  const [name, ...args] = command.words.map((word) => word.text.slice(word.text.lastIndexOf("/") + 1));
  if (name === "base64" && args.some((arg) => /^(?:-[a-zA-Z]*[dD]|--decode)$/.test(arg))) {
    return Buffer.from(input, "base64").toString("utf8");
  }
  if (name === "xxd" && args.some((arg) => arg.startsWith("-r")))
    return Buffer.from(input.replace(/\s/g, ""), "hex").toString("utf8");
  if (name === "rev") {
    return input
      .split("\n")
      .map((line) => [...line].reverse().join(""))
      .join("\n");
  }
  return name === "cat" && args.length === 0 ? input : undefined;
}
