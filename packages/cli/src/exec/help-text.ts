export const EXEC_HELP = `Give a task and get a verified change, without questions in between.

Usage: quire exec [OPTIONS] [PROMPT | -]
       quire exec resume (THREAD | --last) [OPTIONS] [PROMPT | -]
       quire exec fork THREAD [OPTIONS] [PROMPT | -]

The final answer goes to stdout, everything else to stderr. Without PROMPT, or with -, the prompt is read from stdin;
with both, what stdin holds is added to the prompt. resume without a prompt goes on with a turn that was cut off.

Options:
  -C, --cd DIR                  work in DIR
  -m, --model MODEL             the model to use; "offline-repair" is the built-in engine
  -s, --sandbox MODE            read-only | workspace-write | danger-full-access | external-sandbox
                                (without it: workspace-write in a git repository, read-only elsewhere)
  -i, --image FILE              show an image to the model; may be repeated
  -c, --config KEY=VALUE        override a configuration value (dotted key, TOML value); may be repeated
  -p, --profile NAME            add the settings of NAME.config.toml in the Quire home
      --json                    print events as JSON lines on stdout
  -o, --output-last-message F   also write the final answer to F
      --output-schema FILE      the final answer must be JSON that follows this schema
      --add-dir DIR             another directory the agent may write to; may be repeated
      --ephemeral               keep no log of this run
      --skip-git-repo-check     allow writing outside a git repository
      --trust                   trust this project's configuration from now on
      --strict-config           treat unknown configuration keys as errors
      --ignore-user-config      do not read config.toml of the Quire home
      --ignore-rules            do not read command rules (*.rules)
      --color WHEN              auto | always | never
      --dangerously-bypass-approvals-and-sandbox
                                the same as --sandbox danger-full-access
      --all                     with resume --last: look at threads of every directory

Exit codes: 0 done, 1 the turn failed, 2 wrong use, 3 no working sandbox, 4 the task was declined, 130 interrupted.
`;
