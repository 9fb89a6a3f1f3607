"""What exceptions become: one clean sentence on standard error, and an exit code (see __init__.py)."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.errors import AtelierError, InputError, TransientError

OK = 0
JOB_FAILED = 1
BAD_INPUT = 2
UNAVAILABLE = 3
BUG = 70
INTERRUPTED = 130


class Guarded(TyperGroup):
    """The command group whose commands raise Atelier's own errors."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; turn what it raises into a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except AtelierError as error:
            _tell(error)
            raise typer.Exit(exit_code(error)) from error
        except KeyboardInterrupt as error:
            _say("interrupted")
            raise typer.Exit(INTERRUPTED) from error
        except (typer.Exit, typer.Abort, typer.TyperException, EOFError):
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _report_bug(error)
            raise typer.Exit(BUG) from error
        except Exception as error:
            _report_bug(error)
            raise typer.Exit(BUG) from error


def exit_code(error: AtelierError) -> int:
    """The exit code that an error of ours ends a command with."""
    match error:
        case InputError():
            return BAD_INPUT
        case TransientError():
            return UNAVAILABLE
        case _:
            return JOB_FAILED


def _tell(error: AtelierError) -> None:
    """One line; of a job file, one for each problem, `file:line: …` first, where editors look for it."""
    problems = getattr(error, "problems", None)
    if problems is None:
        _say(str(error))
        return
    for problem in problems:
        _talk(problem)


def _say(sentence: str) -> None:
    _talk(sentence, "[bold red]error:[/] ")


def _talk(text: str, before: str = "") -> None:
    from rich.markup import escape

    from jobs.cli.show import talk

    talk().print(f"{before}{escape(text)}", soft_wrap=True)


def _report_bug(error: Exception) -> None:
    if os.environ.get("ATELIER_LOG", "").lower() == "debug":
        traceback.print_exception(error, file=sys.stderr)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    _say(f"{what}; this is a bug in Atelier, ATELIER_LOG=debug shows the traceback")
