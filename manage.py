#!/usr/bin/env python
"""Django's command line for MallVision."""

import os
import sys

from django.core.management import execute_from_command_line

from mallvision.environment import BadEnvironment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallvision.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(f"MallVision: {error}")
