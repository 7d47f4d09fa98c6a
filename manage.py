#!/usr/bin/env python
"""Django's command line for Codebook; ./codebook calls it with the right Python."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    if os.geteuid() == 0 and os.stat(__file__).st_uid != 0:
        sys.dont_write_bytecode = True  # root's folders would be in the way of whoever owns these files
    try:
        from kb.guard.command_line import main

        main(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell tells of SIGINT
