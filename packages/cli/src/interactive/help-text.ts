/** Of `quire --help`'s first lines, and of `quire resume --help` and `quire fork --help`. */
export const INTERACTIVE_HELP = `Usage: quire [OPTIONS] [PROMPT]
       quire resume [THREAD | --last] [PROMPT]
       quire fork [THREAD | --last] [PROMPT]

Opens the terminal interface in this folder; the prompt is sent as the first message.

  -m, --model ID             the model, as the endpoint names it
      --preset NAME          read-only, auto or full-access; also -s, --sandbox
  -a, --ask-for-approval P   untrusted, on-request or never
  -C, --cd FOLDER            work there
      --add-dir FOLDER       may be written to as well
  -i, --image FILE           with the first message
  -c, --config KEY=VALUE     any setting of config.toml
  -p, --profile NAME         a file of settings below the home
      --oss                  a model on this machine; --local-provider says whose
      --trust                the settings of this project count
      --plain                lines instead of a screen: for screen readers, and over a pipe
      --remote ADDR          an app-server elsewhere: ws://HOST:PORT, wss://… or unix:///path
      --remote-auth-token-file FILE   its token; or --remote-auth-token-env NAME
      --last                 (resume, fork) the last thread of this folder; --all of any folder.
                             With neither a thread nor --last, one is chosen from a list

In there, /help lists commands and keys.
`;
