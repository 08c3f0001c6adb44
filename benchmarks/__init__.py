"""Time, error and memory of this project next to its peers, measured side by side in one run.

``python -m benchmarks`` runs every workload, ``python -m benchmarks adaptive fixed`` those two, ``--list`` shows their
names. What it measures against is what is installed (``pip install ".[bench]"``; numbalsoda needs a Fortran compiler and is
apart, ``".[bench-fortran]"``); the rest is listed as absent. All together end within twenty minutes; ``--minutes`` gives
them more.

Where others compute too, read the columns ``cpu`` (processor time of all threads) and set ``OPENBLAS_NUM_THREADS=1``:
threads of BLAS that wait for each other on busy cores make matrix-vector products a hundred times slower.

To add a peer, write ``peers/<name>.py`` with ``PACKAGE``, ``available()`` and one function for each workload that it
serves (``adaptive``, ``fixed``, ``population``, ``controller``, each returning a list of :class:`~.case.Case`), and
name it in ``peers.NAMES``. To add a workload, define it in ``workloads.py``, write ``measures/<name>.py`` with
``TITLE`` and ``measure(options)``, and name it in ``measures.NAMES``.
"""
