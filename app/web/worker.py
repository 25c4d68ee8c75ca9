"""A command that the page starts: `python -m idmaj.app.web.worker compare ...`, which Ctrl-C stops wherever it runs."""

import signal

from ..cli import main

if __name__ == "__main__":
    # A server that was started in the background ignores this signal, and its children would.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
