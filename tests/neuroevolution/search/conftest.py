"""Tests of searches over packages that not everybody has; `.ci/run` installs all of them."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("ribs") else ["test_map_elites.py"]
