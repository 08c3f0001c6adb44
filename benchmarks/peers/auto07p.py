"""AUTO-07p (Debian's auto-07p, with gfortran) on two neurons: seconds a point, by the difference of two runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGE = "auto-07p"
FUNCTIONS = """
      SUBROUTINE FUNC(NDIM,U,ICP,PAR,IJAC,F,DFDU,DFDP)
      IMPLICIT NONE
      INTEGER, INTENT(IN) :: NDIM, ICP(*), IJAC
      DOUBLE PRECISION, INTENT(IN) :: U(NDIM), PAR(*)
      DOUBLE PRECISION, INTENT(OUT) :: F(NDIM)
      DOUBLE PRECISION, INTENT(INOUT) :: DFDU(NDIM,NDIM), DFDP(NDIM,*)
      DOUBLE PRECISION S(2), D(2)
      S = 1/(1+EXP(-(U+PAR(1:2))))
      F(1) = -U(1)+4.5D0*S(1)+S(2)
      F(2) = -U(2)-S(1)+4.5D0*S(2)
      IF (IJAC.EQ.0) RETURN
      D = S*(1-S)
      DFDU(1,1) = -1+4.5D0*D(1); DFDU(1,2) = D(2)
      DFDU(2,1) = -D(1); DFDU(2,2) = -1+4.5D0*D(2)
      IF (IJAC.EQ.1) RETURN
      DFDP(1,1) = 4.5D0*D(1); DFDP(2,1) = -D(1)
      END SUBROUTINE FUNC
      SUBROUTINE STPNT(NDIM,U,PAR,T)
      IMPLICIT NONE
      INTEGER, INTENT(IN) :: NDIM
      DOUBLE PRECISION, INTENT(INOUT) :: U(NDIM), PAR(*)
      DOUBLE PRECISION, INTENT(IN) :: T
      DOUBLE PRECISION F(2), D(2,2), P(2,2)
      INTEGER I, ICP(1)
      PAR(1) = -3.2D0; PAR(2) = -1.75D0; U = 0
      DO I = 1, 400000
        CALL FUNC(2,U,ICP,PAR,0,F,D,P)
        U = U+0.01D0*F
      END DO
      END SUBROUTINE STPNT
""" + "".join(f"      SUBROUTINE {name}\n      END SUBROUTINE {name}\n" for name in ("BCND", "ICND", "FOPT", "PVLS"))
SCRIPT = """
import os
tolerances = dict(EPSL=1e-7, EPSU=1e-7, EPSS=1e-5)
def equilibria(points, **given):
    options = dict(NDIM=2, IPS=1, ILP=1, ICP=[1], NTST=50, NCOL=4, IAD=3, ISP=2, ISW=1, RL0=-60., RL1=60., NPR=10**6,
                   DS=0.001, DSMIN=1e-4, DSMAX=0.004, JAC=1, IID=0, NWTN=3, ITNW=7, NMX=points)
    options.update(tolerances, **given)
    return run(e='net', **options)
hopf = equilibria(400, DS=0.01, DSMAX=0.05)('HB1')
def cycles(points):
    return run(hopf, IPS=2, ICP=[1, 11], NMX=points, DS=0.01, DSMAX=0.05, ILP=1, ISP=2, NPR=10**6, **tolerances)
def spent(call, points):
    before = os.times(); call(points); after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system
for call, short, long in ((equilibria, 100, 4100), (cycles, 100, 600)):
    each = min(spent(call, long) - spent(call, short) for _ in range(3)) / (long - short)
    print("seconds a point:", call.__name__, each)
"""


def available() -> bool:
    """Whether it is installed."""
    return all(shutil.which(name) for name in ("auto-07p", "gfortran"))


def seconds_a_point(timeout: float = 300.0) -> dict[str, float]:
    """Return what a point of a branch of equilibria and of one of cycles (50 x 4) cost, in seconds of a processor."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "net.f90").write_text(FUNCTIONS)
        (Path(folder) / "run.auto").write_text(SCRIPT)
        done = subprocess.run(["auto-07p", "run.auto"], cwd=folder, capture_output=True, text=True, timeout=timeout,
                              check=False)  # fmt: skip
    found = re.findall(r"seconds a point: (\w+) (\S+)", done.stdout)
    if not found:
        raise RuntimeError(f"auto-07p said {(done.stderr or done.stdout)[-300:]!r}")
    return {name: float(value) for name, value in found}
