"""The one kind of error that is the user's to mend."""


class UserError(ValueError):
    """A mistake in what the user gave: the message names the place, what was found and what is accepted.

    The command line prints the message and ends with exit code 2; it never shows a traceback for it.
    """
