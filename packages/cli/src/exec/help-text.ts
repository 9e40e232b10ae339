export const EXEC_HELP = `Give a task and get a verified change, without questions in between.

Usage: quire exec [OPTIONS] [PROMPT | -]
       quire exec resume (THREAD | --last) [OPTIONS] [PROMPT | -]
       quire exec fork THREAD [OPTIONS] [PROMPT | -]
       quire exec review [OPTIONS] …   the same as quire review

The final answer goes to stdout, everything else to stderr. Without PROMPT, or with -, the prompt is read from stdin;
with both, what stdin holds is added to the prompt. resume without a prompt goes on with a turn that was cut off.

Options:
  -C, --cd DIR                  work in DIR
  -m, --model MODEL             the model to use; "offline-repair" is the built-in engine
  -s, --sandbox MODE            read-only | workspace-write | danger-full-access | external-sandbox
                                (without it: workspace-write in a git repository, read-only elsewhere)
      --preset NAME             read-only | auto | full-access: the same by the names of the presets
  -i, --image FILE              show an image to the model; may be repeated
  -c, --config KEY=VALUE        override a configuration value (dotted key, TOML value); may be repeated
  -p, --profile NAME            add the settings of NAME.config.toml in the Quire home
      --json                    print events as JSON lines on stdout
  -o, --output-last-message F   also write the final answer to F
      --output-schema FILE      the final answer must be JSON that follows this schema
      --add-dir DIR             another directory the agent may write to; may be repeated
      --search                  let the model search the live web, where its endpoint has a search
      --worktree                work in a new checkout of HEAD; see quire worktree
      --ephemeral               keep no log of this run
      --skip-git-repo-check     allow writing outside a git repository
      --trust                   trust this project's configuration and rules as they are now
      --strict-config           treat unknown configuration keys as errors
      --ignore-user-config      do not read config.toml of the Quire home
      --ignore-rules            do not read command rules (*.rules)
      --color WHEN              auto | always | never
      --dangerously-bypass-approvals-and-sandbox
                                the same as --sandbox danger-full-access
      --max-turns N             stop before the model call after the Nth
      --max-tokens N            stop before the model calls of this run take more tokens, in and out together
      --max-cost USD            stop before they cost more; needs a model with a known price
      --timeout TIME            stop after 90, 90s, 10m or 2h; what was done so far is kept
      --plan                    look, ask nobody, change nothing; the answer is a plan
      --approve-plan            with resume: approve that plan and build it; PROMPT adds to it
      --goal TEXT               go on, turn after turn, until this is reached; --max-… and --timeout hold for each turn
      --goal-budget N           tokens for the goal in all: out, and in without what a cache held. With resume and
                                without --goal: more of them for the goal that there is
      --output-deltas           with --json: once a second, the latest output of commands that run
      --enable, --disable NAME  switch a feature; see quire features
      --all                     with resume --last: look at threads of every directory

Exit codes: 0 done, 1 the turn failed, 2 wrong use, 3 no working sandbox, 4 the task was declined, 130 interrupted.
`;

export const REVIEW_HELP = `Have changes looked at, in a turn that can write nothing.

Usage: quire review [--uncommitted | --base BRANCH | --commit SHA [--title TEXT] | PROMPT | -] [OPTIONS]

  --uncommitted         what is not committed yet, new files included (without anything else: this)
  --base BRANCH         everything since this work left BRANCH
  --commit SHA          one commit
  --title TEXT          what the commit is about, for the reviewer
  PROMPT                what to look at or for; - reads it from stdin
  --json                events as JSON lines; the item "review" holds the findings

The other options of quire exec (-m, -c, -p, -C, -o, --max-cost, --timeout, …) work here too. Findings that do not point
into the changes are listed apart. The setting review_model names another model for reviews.
`;
