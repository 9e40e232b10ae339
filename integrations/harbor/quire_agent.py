"""Quire as an agent for Harbor (Terminal-Bench 2 and others whose tasks need images of their own).

    harbor run -d terminal-bench@2.0 --agent-import-path quire_agent:QuireAgent \
        --agent-kwarg package=quire.tgz -m PROVIDER/MODEL

`package` is a packed CLI (`npm pack`). Node 20 or newer has to be in the image. The container is the boundary there, so
Quire runs with --sandbox external-sandbox. The key is taken from OPENAI_API_KEY or CODEX_API_KEY of this process.
Written against Harbor's documented BaseAgent; see README.md for what was tried.
"""

import os
import shlex

from harbor.agents.base import BaseAgent

KEYS = ("OPENAI_API_KEY", "CODEX_API_KEY")


class QuireAgent(BaseAgent):
    def __init__(self, *args, package="quire.tgz", **kwargs):
        super().__init__(*args, **kwargs)
        self._package = package

    @staticmethod
    def name():
        return "quire"

    def version(self):
        return None

    async def setup(self, environment):
        await environment.upload_file(self._package, "/tmp/quire.tgz")
        result = await environment.exec("npm install --global --no-audit --no-fund /tmp/quire.tgz")
        if result.return_code != 0:
            raise RuntimeError(f"quire could not be installed: {result.stderr}")

    async def run(self, instruction, environment, context):
        model = f"--model {shlex.quote(self.model_name.split('/')[-1])} " if self.model_name else ""
        command = f"quire exec --json --sandbox external-sandbox --skip-git-repo-check {model}{shlex.quote(instruction)}"
        keys = {name: os.environ[name] for name in KEYS if name in os.environ}
        result = await environment.exec(command, env=keys)
        (self.logs_dir / "quire.jsonl").write_text(result.stdout or "")
