"""The command line: how people and scripts reach what `jobs` can do. `atelier --help` lists the commands.

Exit codes:

    0    it worked; of `watch`, also: you left, and the job goes on
    1    the job failed or was cancelled, or no worker came up
    2    bad input: the job file, an argument or a setting is wrong
    3    Redis or the storage is not available; try again later
    70   a bug in Atelier
    130  interrupted: `run` paused the job

Results go to standard output, errors and what is only talk to standard error.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the `atelier` command."""
    from jobs.cli.app import app

    app(prog_name="atelier")


__all__ = ["main"]
