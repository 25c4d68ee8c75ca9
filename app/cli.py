"""The command line: a module per group of commands, and the one place where errors end.

A group is a module with ``register(app)``, listed in `GROUPS`. What takes long to import is imported inside
the commands, so that help comes at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from ..scenarios.language import _, later, speak
from ..sim.errors import UserError
from . import (
    cli_app,
    cli_calibrate,
    cli_data,
    cli_equity,
    cli_evaluators,
    cli_evidence,
    cli_explain,
    cli_forecasts,
    cli_fronts,
    cli_information,
    cli_lasting,
    cli_marginal,
    cli_markets,
    cli_plan,
    cli_report,
    cli_robust,
    cli_run,
    cli_size,
    cli_strategies,
    cli_study,
    cli_validate,
    cli_value,
)

GROUPS = (
    cli_run,
    cli_report,
    cli_app,
    cli_lasting,
    cli_fronts,
    cli_robust,
    cli_equity,
    cli_evaluators,
    cli_information,
    cli_size,
    cli_markets,
    cli_marginal,
    cli_plan,
    cli_value,
    cli_study,
    cli_strategies,
    cli_explain,
    cli_evidence,
    cli_data,
    cli_calibrate,
    cli_validate,
    cli_forecasts,
)

COMPLETING = "_IDMAJ_COMPLETE"
"""Set by the shell while it completes what is typed."""
USERS_MISTAKE = 2
OUR_MISTAKE = 1
INTERRUPTED = 130
STOPPED = later("stopped; nothing half-written is left")
OURS = later("This is a mistake in idmaj, not in what you gave it. Please report it with the lines above.")


def build() -> typer.Typer:
    """Return the command line with all its groups."""
    app = typer.Typer(
        name="idmaj",
        help="What would another strategy for refugee enterprises in Morocco give, and how sure can we be?",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    for group in GROUPS:
        group.register(app)
    if COMPLETING in os.environ:
        from .completing import propose

        propose(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process: 0 done, 2 the user's to mend, 1 ours, 130 stopped."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        build()(None if arguments is None else list(arguments), prog_name="idmaj")
    except KeyboardInterrupt:
        _stopped()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _stopped()
        raise
    except Exception as error:  # the one boundary
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what went wrong on standard error; return the exit code."""
    if isinstance(error, UserError):
        print(error, file=sys.stderr)
        return USERS_MISTAKE
    traceback.print_exception(error)
    print(f"\n{_(OURS)}", file=sys.stderr)
    return OUR_MISTAKE


def _stopped() -> None:
    """End after Ctrl-C; a second one, while threads come to their ends, changes nothing."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, lambda *told: None)
    with contextlib.suppress(OSError):
        print(_(STOPPED), file=sys.stderr)
    sys.exit(INTERRUPTED)


def _version(asked: bool) -> None:
    if asked:
        print(f"idmaj {version('idmaj')}")
        raise typer.Exit


def _common(
    asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
    lang: Annotated[
        str,
        typer.Option("--lang", envvar="IDMAJ_LANG", metavar="WORD", help="Language of results: 'en', 'fr' or 'ar'."),
    ] = "en",
) -> None:
    """Hold the options that stand before a command."""
    speak(lang)


if __name__ == "__main__":
    main()
