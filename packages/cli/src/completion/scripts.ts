import type { CommandDescription, OptionDescription } from "./describe-command.ts";

export type ShellName = "bash" | "zsh" | "fish" | "elvish" | "powershell";

/** A script that completes `quire` in this shell. Everything in it comes from the descriptions; nothing is run later. */
export function completionScript(shell: ShellName, commands: readonly CommandDescription[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return `#compdef quire\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`;
    case "fish":
      return fishScript(commands);
    case "elvish":
      return elvishScript(commands);
    case "powershell":
      return powershellScript(commands);
  }
}

function bashScript(commands: readonly CommandDescription[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `_quire() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" cmd="" words="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) cmd="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$cmd" in
    "") words="${names} help --help --version" ;;
${commands.map(bashCase).join("")}  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ \${#COMPREPLY[@]} -eq 0 && "$cur" != -* && -n "$cmd" ]]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _quire quire
`;
}

function bashCase({ name, actions, options }: CommandDescription): string {
  const words = [...actions, ...options.flatMap((option) => option.names), "--help"];
  const values = options.filter(({ value }) => value.kind !== "none").map(bashValue);
  const inner = values.length === 0 ? "" : `      case "$prev" in\n${values.join("")}      esac\n`;
  return `    ${name})\n${inner}      words="${[...new Set(words)].join(" ")}" ;;\n`;
}

function bashValue({ names, value }: OptionDescription): string {
  const reply = {
    none: "",
    anything: "",
    file: 'COMPREPLY=($(compgen -f -- "$cur")); ',
    directory: 'COMPREPLY=($(compgen -d -- "$cur")); ',
    "one-of": `COMPREPLY=($(compgen -W "${value.kind === "one-of" ? value.words.join(" ") : ""}" -- "$cur")); `,
  }[value.kind];
  return `        ${names.join("|")}) ${reply}return ;;\n`;
}

function fishScript(commands: readonly CommandDescription[]): string {
  const lines = ["complete -c quire -f"];
  for (const { name, summary, actions, options } of commands) {
    lines.push(`complete -c quire -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`);
    const here = `complete -c quire -n '__fish_seen_subcommand_from ${name}'`;
    if (actions.length > 0) lines.push(`${here} -a '${actions.join(" ")}'`);
    for (const option of options) lines.push(`${here} ${fishOption(option)}`);
  }
  return `${lines.join("\n")}\n`;
}

function fishOption({ names, summary, value }: OptionDescription): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const argument = {
    none: "",
    anything: " -x",
    file: " -r -F",
    directory: " -x -a '(__fish_complete_directories)'",
    "one-of": ` -x -a '${value.kind === "one-of" ? value.words.join(" ") : ""}'`,
  }[value.kind];
  return `${flags.join(" ")}${argument}${summary === "" ? "" : ` -d ${fishQuoted(summary)}`}`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
}

/** Every word that may stand behind a command. */
function wordsOf({ actions, options }: CommandDescription): string[] {
  return [...new Set([...actions, ...options.flatMap((option) => option.names), "--help"])];
}

/** Quoted alike in Elvish and PowerShell: a quote inside is doubled. */
function doubled(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function elvishScript(commands: readonly CommandDescription[]): string {
  const cases = commands.map((each) => `    &${each.name}=[${wordsOf(each).map(doubled).join(" ")}]\n`);
  return `use str
set edit:completion:arg-completer[quire] = {|@words|
  var commands = [
${cases.join("")}  ]
  var behind = $words[1..-1]
  var command = ''
  for word $behind {
    if (not (str:has-prefix $word '-')) { set command = $word; break }
  }
  if (has-key $commands $command) { all $commands[$command] } else { keys $commands; put help --help --version }
  if (not-eq $command '') { edit:complete-filename $words[-1] }
}
`;
}

function powershellScript(commands: readonly CommandDescription[]): string {
  const cases = commands.map(
    (each) => `    ${doubled(each.name)} = @(${wordsOf(each).map(doubled).join(", ")})\n`,
  );
  return `Register-ArgumentCompleter -Native -CommandName quire -ScriptBlock {
  param($word, $line, $position)
  $commands = @{
${cases.join("")}  }
  $typed = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $command = $typed | Where-Object { -not $_.StartsWith('-') -and $_ -ne $word } | Select-Object -First 1
  $words = if ($command -and $commands.ContainsKey($command)) { $commands[$command] }
    else { @($commands.Keys) + @('help', '--help', '--version') }
  $words | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}
