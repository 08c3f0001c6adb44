"""Every example in a docstring of the library runs as printed, and every public function and class has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import types
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["neurodynamics", "ctrnn", "hopfield", "recurrent", "analysis", "neuroevolution", "learning"]
PUBLIC = [*PACKAGES, "neurodynamics.models", "ctrnn.library", "analysis.lyapunov", "analysis.plotting",
          "learning.losses", "neuroevolution.tasks",
          *(f"hopfield.{name}" for name in ("capacity", "couplings", "measures", "patterns", "rules"))]  # fmt: skip
PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)


def modules_with_examples():
    """Map their names to how many examples there are, from the text alone."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    found = {".".join(file.relative_to(ROOT).with_suffix("").parts): PROMPT.findall(file.read_text()) for file in files}
    return {name.removesuffix(".__init__"): len(prompts) for name, prompts in found.items() if prompts}


EXAMPLES = modules_with_examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name, tmp_path, monkeypatch):
    """All that stand in the file, so none hides where doctest does not look."""
    monkeypatch.chdir(tmp_path)
    results = doctest.testmod(importlib.import_module(name))
    plt.close("all")
    assert results.failed == 0
    assert results.attempted == EXAMPLES[name]


def test_a_wrong_example_is_found(capsys):
    """The control of the test above."""
    module = types.ModuleType("wrong", "\n>>> 1 + 1\n3\n>>> 2\n2\n")
    assert doctest.testmod(module) == (1, 2)
    assert "Got:\n    2" in capsys.readouterr().out


# What has one ----------------------------------------------------------------------------------------------------------

# Shown where they are returned, or where they are asked for: their own docstrings list the fields.
RESULTS = """
    analysis.ActiveRegion analysis.DynamicsAlong neuroevolution.Lesions neuroevolution.Perturbations
    analysis.Attractor analysis.Attractors analysis.BasinSweep analysis.Basins analysis.Branch analysis.Classification
    analysis.EdgeState analysis.EnergyLandscape analysis.EnergySurface analysis.FiniteTimeExponents
    analysis.FiniteTimeField analysis.FixedPoints analysis.LimitCycle analysis.LyapunovEnsemble analysis.LyapunovMap
    analysis.LyapunovSpectrum analysis.MeanField analysis.Nullcline analysis.PhasePortrait analysis.PoincareMap
    analysis.PointKind analysis.Response analysis.Separatrices analysis.SlowPoints analysis.Stability
    analysis.StroboscopicMap analysis.SweepDiagram
    analysis.LetterPad ctrnn.Circuit ctrnn.Figure
    hopfield.CapacityCurve hopfield.Classification hopfield.Coupling hopfield.Escape hopfield.JumpExponents
    hopfield.JumpRun hopfield.MultipleTraining hopfield.Recall hopfield.RecallCurve hopfield.Samples
    hopfield.BasinRadii hopfield.CapacityScaling hopfield.DamageCurve hopfield.Solutions
    hopfield.RecallStatus hopfield.Rule hopfield.StateKind hopfield.Trace
    neurodynamics.CoupledSystem neurodynamics.DiscretisedSystem neurodynamics.Ensemble neurodynamics.Evaluation
    neurodynamics.Interrupted neurodynamics.Kind neurodynamics.Solution neurodynamics.Status
""".split()
RESULTS += """
    analysis.BifurcationChart analysis.BifurcationCurve analysis.BifurcationDiagram analysis.BifurcationSets
    analysis.CharacteristicRoots analysis.DelayedLyapunovSpectrum neurodynamics.DelayedNetwork
    analysis.CycleBranch analysis.FixedPointBranch analysis.NormalForm analysis.SpecialPoint neurodynamics.Linearisation
    neuroevolution.Comparison neuroevolution.Difference neuroevolution.Individual neuroevolution.Replicates
    neuroevolution.Run neuroevolution.Search
    learning.Fit learning.Forced learning.Gradient learning.GradientFlow learning.LayerGradient learning.LossLandscape
    learning.PlasticNetwork
    analysis.ActionPath analysis.AlignmentIndex analysis.ArnoldTongues analysis.BasinStability
    analysis.ConditionalExponents analysis.CorrelationDimension analysis.CovariantVectors analysis.CriticalRate
    analysis.ExpansionEntropy analysis.FastLyapunovIndicator analysis.FatalShock analysis.LargeFixedPoint
    analysis.ManifoldSurface analysis.MasterStability analysis.OrderParameter analysis.PhaseLocking
    analysis.PowerSpectrum analysis.RecurrencePlot analysis.RecurrenceTimes analysis.RepeatedShocks
    analysis.RotationNumber analysis.StationaryDensity analysis.TippingProbabilities analysis.Wada analysis.ZeroOneTest
""".split()
OF_RECORDS = """
    analysis.plot_bifurcation_chart analysis.plot_bifurcation_curve analysis.plot_bifurcation_diagram
    analysis.plot_bifurcation_sets analysis.plot_cycle_branch analysis.plot_cycle_periods analysis.plot_fixed_point_branch
    hopfield.learning_rule hopfield.table
""".split()  # reached through ``.plot()`` of a record, or shown in CONTRIBUTING
NEEDS_MORE = ["hopfield.digit_prototypes", "hopfield.digits"]  # than the packages that tests have: scikit-learn


def public_objects():
    """Map package and name of every public function and class to the object; a name counts where it is defined."""
    modules = [importlib.import_module(package) for package in PUBLIC]
    objects = [getattr(module, name) for module in modules for name in module.__all__]
    return {
        f"{each.__module__.partition('.')[0]}.{each.__name__}": each
        for each in objects
        if inspect.isclass(each) or inspect.isfunction(each)
    }


def test_every_public_function_and_class_has_an_example():
    lacking = {name for name, each in public_objects().items() if ">>> " not in (each.__doc__ or "")}
    lacking -= {*RESULTS, *OF_RECORDS, *NEEDS_MORE}
    assert not lacking, f"without an example; records that functions return go into RESULTS: {', '.join(sorted(lacking))}"


def test_results_without_an_example_of_their_own_are_classes_without_one():
    """The list gets shorter with every example that is written."""
    objects = public_objects()
    assert [name for name in RESULTS if not inspect.isclass(objects[name]) or ">>> " in objects[name].__doc__] == []
