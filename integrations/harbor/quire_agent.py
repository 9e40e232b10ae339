"""Quire as an agent for Harbor (Terminal-Bench 2 and others whose tasks need images of their own).

    npm run pack -- .          # in a checkout of Quire: makes quire-VERSION.tgz
    harbor run -d terminal-bench@2.0 --agent-import-path quire_agent:QuireAgent \
        --agent-kwarg package=quire-0.1.0.tgz -m PROVIDER/MODEL

Newer versions of Harbor take the same words with --agent. Node 20.11 or newer and npm have to be in the image. The
container is the boundary there, so Quire runs with --sandbox external-sandbox. The key is taken from OPENAI_API_KEY or
CODEX_API_KEY of this process or of --ae, another endpoint from OPENAI_BASE_URL.
"""

import json
import os
import re
import shlex

from harbor.agents.base import BaseAgent

PASSED_ON = ("OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL")
PACKAGE = "/tmp/quire.tgz"
# What stands there comes back to the trial's logs, after a trial that ran out of time as well.
LOGS = "/logs/agent"
EVENTS = "quire.jsonl"


class QuireAgent(BaseAgent):
    """`package` is a packed CLI; `options` are more words for `quire exec`, such as `--max-cost 2`."""

    def __init__(self, *args, package="quire.tgz", options="", **kwargs):
        super().__init__(*args, **kwargs)
        self._package = package
        self._options = shlex.split(options)

    @staticmethod
    def name():
        return "quire"

    def version(self):
        found = re.search(r"quire-(\d[^/]*)\.tgz$", str(self._package))
        return found.group(1) if found else None

    async def setup(self, environment):
        await environment.upload_file(self._package, PACKAGE)
        command = f"npm install --global --no-audit --no-fund {PACKAGE}"
        # A task may run its agent as a user who cannot install anything.
        result = await environment.exec(command, user="root")
        if result.return_code != 0:
            raise RuntimeError(f"{command} failed: {result.stderr or result.stdout}")

    async def run(self, instruction, environment, context):
        words = ["quire", "exec", "--json", "--sandbox", "external-sandbox", "--skip-git-repo-check", *self._options]
        if self.model_name:
            words += ["--model", self.model_name.split("/", 1)[-1]]
        command = shlex.join([*words, "--", instruction])
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        passed_on.update(getattr(self, "extra_env", {}))
        result = await environment.exec(
            f"mkdir -p {LOGS}; {command} </dev/null 2>{LOGS}/quire.stderr | tee {LOGS}/{EVENTS}", env=passed_on
        )
        (self.logs_dir / EVENTS).write_text(result.stdout or "")
        self._count(result.stdout or "", context)

    def populate_context_post_run(self, context):
        """Harbor calls it at the end of every trial, of one whose agent was stopped in the middle too."""
        events = self.logs_dir / EVENTS
        if events.exists():
            self._count(events.read_text(errors="replace"), context)

    @staticmethod
    def _count(events, context):
        """The tokens and the price of all turns, a failed one included; a price that is not known stays None."""
        totals = {"input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0}
        costs = []
        for line in events.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if not isinstance(event, dict) or event.get("type") not in ("turn.completed", "turn.failed"):
                continue
            usage = event.get("usage") or {}
            for key in totals:
                totals[key] += (usage.get("turn") or {}).get(key) or 0
            costs.append((usage.get("turn_cost") or {}).get("usd"))
        context.n_input_tokens = totals["input_tokens"]
        context.n_cache_tokens = totals["cached_input_tokens"]
        context.n_output_tokens = totals["output_tokens"]
        context.cost_usd = None if None in costs or not costs else sum(costs)
