"""All public functions and methods of `hopfield` against bad values: an error that names the argument, at once."""

from __future__ import annotations

import inspect
import warnings
from datetime import datetime

import numpy as np
import pytest
from bad_values import RECORDS, missing
from punctual import at_best, timed
from scipy import sparse

import hopfield
from hopfield import (
    AdaptiveBAM,
    DenseFlow,
    DenseMemory,
    DiscreteBAM,
    DiscreteHopfield,
    GradedBAM,
    GradedEnergy,
    GradedHopfield,
    HigherOrderBAM,
    Langevin,
    MarkovJump,
    SaturatedHopfield,
    SequenceMemory,
    SoftmaxMemory,
    capacity,
    couplings,
    damage,
    energy,
    measures,
    patterns,
    problems,
    rules,
)

SOON = 0.05  # seconds: what may well take long, as many sweeps do, is cut short
AT_ONCE = 0.05 + 0.2  # seconds: the promise, and what a loaded machine adds
XI = patterns.random(3, 8, rng=0)
A, B = patterns.random(2, 6, rng=1), patterns.random(2, 4, rng=2)
W = np.array([[0.0, 1.0], [1.0, 0.0]])
BAD = {
    "None": None,
    "text": "x",
    "bytes": b"x",
    "empty text": "",
    "nan": np.nan,
    "inf": np.inf,
    "-inf": -np.inf,
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    "1e308": 1e308,
    "10**12": 10**12,
    "10**400": 10**400,
    "complex": 1j,
    "True": True,
    "object": object(),
    "function": len,
    "class": int,
    "dict": {"a": 1},
    "set": {1, 2},
    "[]": [],
    "[[]]": [[]],
    "ragged": [[1, 2], [3]],
    "texts": ["a", "b"],
    "a None inside": [1, None],
    "list of nan": [np.nan, 1.0],
    "list of inf": [[np.inf, 1.0], [1.0, np.inf]],
    "complex array": np.ones((2, 2)) * 1j,
    "objects": np.array([object(), object()]),
    "masked": np.ma.masked_array([1.0, -1.0], [True, False]),
    "times": np.array(["2020-01-01"], "datetime64[D]"),
    "time": datetime(2020, 1, 1),
    "structured": np.zeros(2, [("a", float)]),
    "3 axes": np.zeros((2, 2, 2)),
    "wrong length": np.ones(7),
    "wrong shape": np.ones((3, 5)),
    "not square": np.ones((2, 3)),
    "twos": [[2, 2], [2, 2]],
    "negative": [-1.0, -2.0],
    "generator": (k for k in range(3)),
    "module": np,
    "sparse": sparse.csr_array(np.ones((3, 5))),
}
NET, GRADED = DiscreteHopfield.from_patterns(XI), GradedHopfield(W, gain=1.4)
BAM, GRADED_BAM = DiscreteBAM.from_pairs(A, B), GradedBAM.from_pairs(A, B)
TUNE, LAND = SequenceMemory.from_patterns(XI), GradedEnergy(W)
DONE, TAUGHT = NET.recall(XI), GradedHopfield.from_patterns(XI)
LOW = hopfield.hebbian(XI)
TWO, FLOW, RATES = DiscreteHopfield(W), Langevin(GRADED, 0.1), [[-1.0, 1.0], [2.0, -2.0]]
JUMPING = MarkovJump([GRADED, GRADED], RATES)
DENSE, SOFT, CUBE = DenseMemory(XI), SoftmaxMemory(XI), SaturatedHopfield.from_patterns(XI)
ADAPTIVE, HIGHER = AdaptiveBAM(3, 2), HigherOrderBAM(A, B)
LOW, QUEENS = hopfield.hebbian(XI), problems.Queens(2)

# What is called, with arguments that are right. Left out: those that take anything (labels of pictures, further options).
CALLS = {
    "DiscreteHopfield": (DiscreteHopfield, {"couplings": W, "bias": 0.0, "values": "bipolar", "patterns": [[1, -1]]}),
    "DiscreteHopfield.from_patterns": (DiscreteHopfield.from_patterns, {
        "patterns": XI, "rule": "hebbian", "values": "bipolar", "bias": 0.0}),
    "DiscreteHopfield.recall": (NET.recall, {
        "probes": XI, "update": "asynchronous", "order": "random", "temperature": 0.0, "max_sweeps": 100, "rng": 0,
        "workers": 1, "timeout": None, "on_interrupt": "raise"}),
    "DiscreteHopfield.as_system": (NET.as_system, {"update": "sequential"}),
    "TwoValued.states": (NET.states, {"states": XI}),
    "DiscreteNetwork.fields": (NET.fields, {"states": XI}),
    "DiscreteNetwork.energy": (NET.energy, {"states": XI}),
    "DiscreteNetwork.is_stable": (NET.is_stable, {"states": XI}),
    "TwoValued.overlaps": (NET.overlaps, {"states": XI}),
    "DiscreteBAM": (DiscreteBAM, {"between": np.ones((2, 3)), "bias_a": 0.0, "bias_b": 0.0, "values": "bipolar",
                                  "pairs": ([[1, 1]], [[1, 1, 1]])}),
    "DiscreteBAM.from_pairs": (DiscreteBAM.from_pairs, {
        "a": A, "b": B, "rule": "bam_hebbian", "values": "bipolar", "bias_a": 0.0, "bias_b": 0.0}),
    "DiscreteBAM.recall": (BAM.recall, {"a": A, "b": B, "temperature": 0.0, "max_sweeps": 9, "rng": 0, "timeout": None,
                                        "on_interrupt": "raise"}),
    "SequenceMemory.from_patterns": (SequenceMemory.from_patterns, {
        "patterns": XI, "rule": "sequence", "values": "bipolar", "bias": 0.0}),
    "SequenceMemory.as_system": (TUNE.as_system, {"update": "sequential"}),
    "SequenceMemory.recall": (TUNE.recall, {"probes": XI, "update": "synchronous", "max_sweeps": 9}),
    "SequenceMemory.along": (TUNE.along, {"overlaps": np.zeros((1, 3, 5)), "start": 0}),
    "GradedHopfield": (GradedHopfield, {
        "weights": W, "currents": 0.0, "capacitances": 1.0, "resistances": 1.0, "gain": 1.0, "biases": 0.0, "noise": 0.0,
        "input_weights": None, "activation": "tanh", "patterns": [[1, -1]]}),
    "GradedHopfield.from_patterns": (GradedHopfield.from_patterns, {
        "patterns": XI, "rule": "hebbian", "gain": 4.0, "values": "bipolar", "activation": "tanh"}),
    "GradedHopfield.recall": (GRADED.recall, {
        "probes": [0.1, 0.2], "values": None, "method": None, "tolerance": 1e-8, "max_time": 100.0, "timeout": None,
        "on_interrupt": "raise"}),
    "GradedNetwork.energy": (GRADED.energy, {"states": [0.1, 0.2]}),
    "GradedNetwork.overlaps": (TAUGHT.overlaps, {"states": np.ones(8)}),
    "GradedNetwork.replace": (GRADED.replace, {"weights": W, "currents": 0.0, "gain": 1.0, "noise": 0.0}),
    "GradedBAM": (GradedBAM, {
        "between": np.ones((2, 3)), "currents": 0.0, "capacitances": 1.0, "resistances": 1.0, "gain": 1.0, "biases": 0.0,
        "noise": 0.0, "input_weights": None, "activation": "tanh", "pairs": ([[1, 1]], [[1, 1, 1]])}),
    "GradedBAM.from_pairs": (GradedBAM.from_pairs, {
        "a": A, "b": B, "rule": "bam_hebbian", "gain": 4.0, "values": "bipolar", "activation": "tanh"}),
    "GradedBAM.recall": (GRADED_BAM.recall, {
        "a": A, "b": B, "values": None, "method": None, "tolerance": 1e-8, "max_time": 100.0, "timeout": None,
        "on_interrupt": "raise"}),
    "DenseMemory": (DenseMemory, {"patterns": XI, "degree": 3, "values": "bipolar"}),
    "OneLayer.recall": (DENSE.recall, {
        "probes": XI, "update": "asynchronous", "order": "random", "temperature": 0.0, "max_sweeps": 100, "rng": 0,
        "workers": 1, "timeout": None, "on_interrupt": "raise"}),
    "DenseMemory.energy": (DENSE.energy, {"states": XI}),
    "DenseMemory.is_stable": (DENSE.is_stable, {"states": XI}),
    "SoftmaxMemory": (SoftmaxMemory, {"patterns": XI, "beta": 1.0}),
    "SoftmaxMemory.weights": (SOFT.weights, {"states": np.ones(8)}),
    "SoftmaxMemory.update": (SOFT.update, {"states": np.ones(8)}),
    "SoftmaxMemory.energy": (SOFT.energy, {"states": np.ones(8)}),
    "SoftmaxMemory.overlaps": (SOFT.overlaps, {"states": np.ones(8)}),
    "SoftmaxMemory.flow": (SOFT.flow, {"memory_time": 0.5, "time_constants": 1.0}),
    "SoftmaxMemory.recall": (SOFT.recall, {"probes": np.ones(8), "tolerance": 1e-8, "max_steps": 100, "timeout": None,
                                           "on_interrupt": "raise"}),
    "attention": (hopfield.attention, {"queries": np.ones(8), "patterns": XI, "beta": 1.0}),
    "DenseFlow": (DenseFlow, {
        "memories": XI, "hidden": "softmax", "activation": "linear", "beta": 1.0, "gain": 1.0, "degree": 3, "currents": 0.0,
        "time_constants": 1.0, "memory_time": 1.0}),
    "SaturatedHopfield": (SaturatedHopfield, {"weights": W, "biases": 0.0, "patterns": [[1, -1]]}),
    "SaturatedHopfield.from_patterns": (SaturatedHopfield.from_patterns, {"patterns": XI, "rule": "eigenstructure"}),
    "SaturatedHopfield.overlaps": (CUBE.overlaps, {"states": np.ones(8)}),
    "SaturatedHopfield.recall": (CUBE.recall, {"probes": np.ones(8), "tolerance": 1e-8, "max_steps": 100, "timeout": None,
                                               "on_interrupt": "raise"}),
    "AdaptiveBAM": (AdaptiveBAM, {"units_a": 3, "units_b": 2, "gain": 1.0, "time_constants": 1.0, "rate": 1.0,
                                  "plastic_time": 1.0, "activation": "tanh"}),
    "AdaptiveBAM.start": (ADAPTIVE.start, {"x": 0.0, "y": 0.0, "couplings": 0.0}),
    "AdaptiveBAM.couplings": (ADAPTIVE.couplings, {"state": np.ones(11)}),
    "ConstructedNetwork.energy": (ADAPTIVE.energy, {"states": np.ones(11), "inputs": 0.0}),
    "HigherOrderBAM": (HigherOrderBAM, {"a": A, "b": B, "order": 2, "values": "bipolar"}),
    "HigherOrderBAM.recall": (HIGHER.recall, {"a": A, "b": B, "max_sweeps": 9, "timeout": None, "on_interrupt": "raise"}),
    "Coupling.with_bias": (LOW.with_bias, {"bias": 0.0}),
    "GradedEnergy": (GradedEnergy, {"couplings": W, "activation": "tanh", "gains": 1.0, "leaks": 1.0, "biases": 0.0,
                                    "inputs": 0.0}),
    "GradedEnergy.value": (LAND.value, {"u": [0.1, 0.2]}),
    "GradedEnergy.value_and_gradient": (LAND.value_and_gradient, {"u": [0.1, 0.2]}),
    "GradedEnergy.gradient": (LAND.gradient, {"u": [0.1, 0.2]}),
    "GradedEnergy.rate": (LAND.rate, {"u": [0.1, 0.2], "time_constants": 1.0}),
    "GradedEnergy.hessian": (LAND.hessian, {"u": [0.1, 0.2]}),
    "GradedEnergy.index": (LAND.index, {"u": [0.1, 0.2]}),
    "GradedEnergy.outputs": (LAND.outputs, {"u": [0.1, 0.2]}),
    "GradedEnergy.certified_step": (LAND.certified_step, {"time_constants": 1.0}),
    "energy.discrete_energy": (energy.discrete_energy, {"couplings": W, "states": [[1, -1]], "bias": 0.0}),
    "energy.two_step_energy": (energy.two_step_energy, {
        "couplings": W, "before": [[1, -1]], "after": [[1, -1]], "bias": 0.0}),
    "couplings.Dense": (couplings.Dense, {"weights": W, "scale": 1.0}),
    "couplings.Dense.product": (couplings.Dense(W).product, {"states": [1.0, 2.0]}),
    "couplings.Sparse": (couplings.Sparse, {"matrix": sparse.csr_array(W), "scale": 1.0}),
    "couplings.Sparse.product": (couplings.Sparse(W).product, {"states": [1.0, 2.0]}),
    "couplings.LowRank": (couplings.LowRank, {"left": XI, "right": XI, "core": None, "scale": 1.0, "diagonal": None}),
    "couplings.LowRank.product": (LOW.product, {"states": np.ones(8)}),
    "couplings.Block": (couplings.Block, {"between": np.ones((2, 3)), "back": None}),
    "couplings.Block.product": (couplings.Block(np.ones((2, 3))).product, {"states": np.ones(5)}),
    "couplings.as_coupling": (couplings.as_coupling, {"value": W}),
    "hebbian": (rules.hebbian, {"patterns": XI, "activity": 0.0, "start": None}),
    "storkey": (rules.storkey, {"patterns": XI, "start": None}),
    "pseudo_inverse": (rules.pseudo_inverse, {"patterns": XI, "start": None}),
    "dreaming": (rules.dreaming, {"patterns": XI, "time": 1.0}),
    "perceptron": (rules.perceptron, {"patterns": XI, "margin": 0.0, "max_sweeps": 10, "workers": 1}),
    "krauth_mezard": (rules.krauth_mezard, {"patterns": XI, "tolerance": 0.1, "max_updates": 1000, "workers": 1}),
    "sequence": (rules.sequence, {"patterns": XI}),
    "bam_hebbian": (rules.bam_hebbian, {"a": A, "b": B, "weights": 1.0}),
    "covariance": (rules.covariance, {"patterns": XI, "activity": 0.1, "threshold": 0.5}),
    "diederich_opper_i": (rules.diederich_opper_i, {
        "patterns": XI, "tolerance": 0.1, "max_sweeps": 10, "workers": 1}),
    "diederich_opper_ii": (rules.diederich_opper_ii, {"patterns": XI, "max_sweeps": 10, "workers": 1}),
    "minimum_probability_flow": (rules.minimum_probability_flow, {
        "patterns": XI, "decay": 0.1, "tolerance": 0.1, "max_steps": 10}),
    "eigenstructure": (rules.eigenstructure, {"patterns": XI, "tau": 10.0, "step": 0.15}),
    "multiple_training": (rules.multiple_training, {"a": A, "b": B}),
    "bam_multiple_training": (rules.bam_multiple_training, {"a": A[:1], "b": B[:1]}),
    "bam_prlab": (rules.bam_prlab, {"a": A, "b": B, "relaxation": 1.0, "margin": 1.0, "max_sweeps": 10}),
    "bam_sequence": (rules.bam_sequence, {"a": A, "b": B}),
    "bam_pseudo_inverse": (rules.bam_pseudo_inverse, {"a": A, "b": B}),
    "margins": (rules.margins, {"couplings": LOW, "patterns": XI}),
    "unlearn": (hopfield.unlearn, {"couplings": LOW, "count": 1, "strength": 0.01, "max_sweeps": 10, "rng": 0,
                                   "timeout": None, "on_interrupt": "raise"}),
    "measures.overlap": (measures.overlap, {"states": XI, "patterns": XI, "values": "bipolar"}),
    "measures.hamming": (measures.hamming, {"states": XI, "patterns": XI, "values": "bipolar"}),
    "measures.wilson": (measures.wilson, {"successes": 1, "trials": 2, "confidence": 0.9}),
    "measures.classify": (measures.classify, {"states": XI, "patterns": XI, "threshold": 0.9, "values": "bipolar"}),
    "measures.Classification.count": (measures.classify(XI, XI).count, {"kind": "pattern"}),
    "measures.mixtures": (measures.mixtures, {"patterns": XI, "count": 3, "values": "bipolar"}),
    "patterns.random": (patterns.random, {"count": 2, "size": 4, "values": "bipolar", "rng": 0}),
    "patterns.biased": (patterns.biased, {"count": 2, "size": 4, "activity": 0.1, "values": "bipolar", "rng": 0}),
    "patterns.correlated": (patterns.correlated, {"count": 2, "size": 4, "overlap": 0.1, "values": "bipolar", "rng": 0}),
    "patterns.flip": (patterns.flip, {"patterns": XI, "fraction": 0.1, "values": "bipolar", "rng": 0}),
    "patterns.noise": (patterns.noise, {"patterns": XI, "probability": 0.1, "values": "bipolar", "rng": 0}),
    "patterns.to_bipolar": (patterns.to_bipolar, {"patterns": [[0, 1]]}),
    "patterns.to_binary": (patterns.to_binary, {"patterns": XI}),
    "patterns.letters": (patterns.letters, {"text": "A", "shape": (7, 5), "font": "DejaVuSansMono", "values": "bipolar"}),
    "capacity.critical_load": (capacity.critical_load, {"kind": "hebb", "temperature": 0.0, "damage": 0.0}),
    "capacity.critical_overlap": (capacity.critical_overlap, {"kind": "hebb"}),
    "capacity.overlap": (capacity.overlap, {"load": 0.1, "temperature": 0.0, "kind": "hebb", "damage": 0.0}),
    "capacity.retrieval_temperature": (capacity.retrieval_temperature, {"load": 0.2}),
    "capacity.spin_glass_temperature": (capacity.spin_glass_temperature, {"load": 0.1}),
    "capacity.gardner": (capacity.gardner, {"margin": 0.0}),
    "capacity.mceliece": (capacity.mceliece, {"size": 10}),
    "capacity.dense_memory": (capacity.dense_memory, {"size": 10, "degree": 3}),
    "capacity.exponential_memory": (capacity.exponential_memory, {"size": 10, "noise": 0.1}),
    "capacity.tolerated_damage": (capacity.tolerated_damage, {"load": 0.1}),
    "capacity.single_bit_error": (capacity.single_bit_error, {"size": 10, "count": 3}),
    "recall_curve": (hopfield.recall_curve, {
        "network": NET, "initial": [0.5], "trials": 2, "threshold": 0.9, "rng": 0, "timeout": None,
        "on_interrupt": "raise"}),
    "capacity_curve": (hopfield.capacity_curve, {
        "rule": "hebbian", "size": 10, "loads": [0.1], "networks": 1, "probes": 2, "threshold": 0.9, "rng": 0,
        "rule_options": None, "timeout": None, "on_interrupt": "raise"}),
    "all_states": (hopfield.all_states, {"network": NET}),
    "stationary_law": (hopfield.stationary_law, {"network": NET, "temperature": 1.0, "update": "synchronous"}),
    "transition_matrix": (hopfield.transition_matrix, {"network": TWO, "temperature": 1.0, "update": "sequential"}),
    "noisy_map": (hopfield.noisy_map, {"network": TWO, "temperature": 1.0, "update": "sequential"}),
    "sample": (hopfield.sample, {
        "network": TWO, "temperature": 1.0, "sweeps": 2, "chains": 2, "burn_in": 1, "update": "synchronous", "rng": 0,
        "timeout": SOON, "on_interrupt": "raise"}),
    "Samples.counts": (hopfield.sample(TWO, 1.0, 2, chains=2, rng=0).counts, {}),
    "anneal": (hopfield.anneal, {"network": NET, "temperatures": [1.0, 0.5], "starts": XI, "rng": 0, "timeout": SOON,
                                 "on_interrupt": "raise"}),
    "cooling": (hopfield.cooling, {"first": 2.0, "last": 1.0, "sweeps": 3, "kind": "linear"}),
    "Langevin": (Langevin, {"network": GRADED, "temperature": 0.1}),
    "Langevin.states_of": (FLOW.states_of, {"outputs": [0.1, 0.2]}),
    "Langevin.log_density": (FLOW.log_density, {"outputs": [0.1, 0.2]}),
    "escape_rate": (hopfield.escape_rate, {
        "flow": FLOW, "minimum": GRADED.recall([1.0, 1.0]).states[0], "saddle": [0.0, 0.0]}),
    "occupancy": (hopfield.occupancy, {"generator": RATES}),
    "jump_exponents": (hopfield.jump_exponents, {"matrices": [np.eye(2), -np.eye(2)], "generator": RATES, "jumps": 40,
                                                 "rng": 0, "timeout": SOON, "on_interrupt": "raise"}),
    "MarkovJump": (MarkovJump, {"modes": [GRADED, GRADED], "generator": RATES, "delay": 0.0, "impulses": None}),
    "MarkovJump.path": (JUMPING.path, {"duration": 1.0, "start": 0, "rng": 0}),
    "MarkovJump.exponents": (JUMPING.exponents, {"state": 0.0}),
    "MarkovJump.run": (JUMPING.run, {"duration": 1.0, "starts": [0.1, 0.2], "dt": 0.1, "points": 5, "rng": 0, "workers": 1,
                                     "timeout": SOON, "on_interrupt": "raise"}),


    "couplings.Tour": (couplings.Tour, {
        "distances": 1.0 - np.eye(3), "city": 1.0, "place": 1.0, "total": 1.0, "length": 1.0}),
    "couplings.Tour.product": (couplings.Tour(1.0 - np.eye(3)).product, {"states": np.ones(9)}),
    "problems.Qubo": (problems.Qubo, {"matrix": W, "offset": 0.0}),
    "problems.Qubo.from_ising": (problems.Qubo.from_ising, {"couplings": W, "fields": 0.0, "offset": 0.0}),
    "problems.Qubo.from_problem": (problems.Qubo.from_problem, {"problem": QUEENS}),
    "problems.MaxCut": (problems.MaxCut, {"graph": W}),
    "problems.MaxCut.cut": (problems.MaxCut(W).cut, {"states": [1, -1]}),
    "problems.Colouring": (problems.Colouring, {"graph": W, "colours": 2}),
    "problems.Queens": (problems.Queens, {"count": 4}),
    "problems.TravellingSalesman": (problems.TravellingSalesman, {
        "distances": 1.0 - np.eye(3), "parameters": "talavan_yanez", "places": None}),
    "problems.TravellingSalesman.from_points": (problems.TravellingSalesman.from_points, {
        "points": np.eye(3), "parameters": "talavan_yanez"}),
    **{f"problems.Problem.{name}": (getattr(QUEENS, name), {"states": np.eye(2, dtype=int).ravel()})
       for name in ("states", "energy", "valid", "costs")},
    **{f"problems.Problem.{name}": (getattr(QUEENS, name), {"state": np.eye(2, dtype=int).ravel()})
       for name in ("solution", "picture")},
    "problems.Problem.graded": (QUEENS.graded, {"gain": 10.0}),
    "problems.solve": (problems.solve, {
        "problem": QUEENS, "method": "annealed", "restarts": 2, "temperatures": None, "exact": True, "rng": 0,
        "timeout": None, "on_interrupt": "raise"}),
    "damage.cut": (damage.cut, {"couplings": W, "share": 0.5, "symmetric": True, "rng": 0}),
    "damage.with_noise": (damage.with_noise, {"couplings": W, "strength": 0.5, "symmetric": True, "rng": 0}),
    "damage.clipped": (damage.clipped, {"couplings": W}),
    "damage.variance": (damage.variance, {"kind": "cut", "amount": 0.5}),
    "damage.critical_damage": (damage.critical_damage, {"load": 0.1, "kind": "cut"}),
    "damage_curve": (hopfield.damage_curve, {
        "network": NET, "amounts": [0.5], "kind": "cut", "symmetric": True, "flipped": 0.1, "networks": 1, "probes": 2,
        "threshold": 0.9, "rng": 0, "timeout": None, "on_interrupt": "raise"}),
    "basin_radii": (hopfield.basin_radii, {
        "network": NET, "rings": [0.5], "patterns": 1, "trials": 2, "threshold": 0.9, "rng": 0, "timeout": None,
        "on_interrupt": "raise"}),
    "capacity_scaling": (hopfield.capacity_scaling, {
        "rule": "hebbian", "sizes": [10], "loads": [0.1], "exponent": 0.5, "rng": 0, "timeout": None,
        "on_interrupt": "raise"}),
    "load_memory": (hopfield.load_memory, {"path": "nowhere.npz"}),
    "load_recall": (hopfield.load_recall, {"path": "nowhere.npz"}),
    "save_memory": (hopfield.save_memory, {"network": NET, "path": "/nowhere/x.npz"}),
    "save_recall": (hopfield.save_recall, {"recall": DONE, "path": "/nowhere/x.npz"}),
}  # fmt: skip
LEFT_TO_OTHERS = {("rule", "function"), ("rule", "class"), ("rule_options", "dict")}  # rules raise what they raise
HUGE = ("1e308",)  # finite, and its products need not be
CASES = [(call, argument) for call, (_, arguments) in CALLS.items() for argument in arguments]


@pytest.mark.parametrize(("call", "argument"), CASES)
def test_bad_values_are_refused_at_once_and_by_name(call, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, good = CALLS[call]
    for name, value in BAD.items():
        if (argument, name) in LEFT_TO_OTHERS:
            continue

        def attempt(value=value):
            return timed(lambda: outcome(lambda: function(**{**good, argument: value})))

        (error, result), seconds = attempt()
        if isinstance(error, FileNotFoundError):
            assert argument == "path", name
        elif error is not None:
            assert seconds < AT_ONCE or at_best(attempt, AT_ONCE)[1] < AT_ONCE, name
            known = {*good, "couplings"} if call == "couplings.as_coupling" else good
            assert any(f"`{other}" in str(error) for other in known), f"{name}: {error}"
        else:
            assert "complex" not in name, name
            assert _all_finite(result) or name in HUGE or "product" in call, f"{name}: {result}"


def test_what_is_no_state_has_no_energy_and_no_part_of_a_count_an_interval():
    for wrong in ([[7, 1]], [[0.5, 1.0]]):
        with pytest.raises(ValueError, match=r"`states\[0, 0\]` must be -1 or 1"):
            energy.discrete_energy(W, wrong)
        with pytest.raises(ValueError, match=r"`after\[0, 0\]` must be -1 or 1"):
            energy.two_step_energy(W, [[1, 1]], wrong)
    with pytest.raises(ValueError, match="`successes` must be whole"):
        measures.wilson(1.5, 3)
    with pytest.raises(ValueError, match="`trials` must be whole"):
        measures.wilson([1, 1], [3, 2.5])


def outcome(call):
    """Return (error, None) or (None, result); other errors than of values, types and files go on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return None, call()
        except (FileNotFoundError, TypeError, ValueError) as error:
            return error, None


def _all_finite(result):
    if isinstance(result, float | np.ndarray) and np.asarray(result).dtype.kind == "f":
        return np.isfinite(result).all()
    return True


CHECKED = ("scaled_product", "project", "apply_core", "lift", "split", "index", "singular_values", "none_above_one",
           "require_symmetric")  # fmt: skip
NETWORKS = ("AdaptiveBAM", "DenseFlow", "SaturatedHopfield", "SoftmaxMemory")
KINDS = ("Coupling", "Dense", "Sparse", "LowRank", "Block", "Tour")
KINDS_OF_PROBLEM = ("Qubo", "MaxCut", "Colouring", "Queens", "TravellingSalesman")
ELSEWHERE = {
    "in the table by those of Queens": ("TravellingSalesman.graded", *(
        f"{kind}.{name}" for kind in KINDS_OF_PROBLEM for name in ("costs", "solution", "picture")
        if name in vars(getattr(problems, kind)))),
    "of networkx, which tells; see the tests of tours": ("TravellingSalesman.from_graph",),
    "called by `solve`": ("Problem.starts", "TravellingSalesman.starts"),
    RECORDS: ("CapacityCurve", "RecallCurve", "Recall", "Trace", "Classification", "Rule", "MultipleTraining", "Escape",
              "JumpExponents", "JumpRun", "Samples", "Solutions", "Picture", "DamageCurve", "BasinRadii",
              "CapacityScaling", "TourWeights"),
    "asked by recalls, step after step": ("SoftmaxMemory.value_and_gradient", "SaturatedHopfield.value_and_gradient"),
    "has no arguments": ("digits", "digit_prototypes", "table", "SequenceMemory"),
    "abstract, in the table by its kinds": ("Coupling", "Coupling.product", "Problem", "TwoValued.energy"),
    "asked by networks and energies, with arrays that they have checked": tuple(
        f"{kind}.{name}" for kind in KINDS for name in CHECKED
        if name in vars(getattr(couplings, kind)) and inspect.isfunction(vars(getattr(couplings, kind))[name])),
    "there is none, which is said": ("SequenceMemory.energy", "HigherOrderBAM.energy"),
    "a role, as of DynamicalSystem.has": (
        "GradedNetwork.has", "GradedNetwork.function", *(f"{kind}.has" for kind in NETWORKS)),
    "roles and options of a function of a user": ("learning_rule",),
}  # fmt: skip


def test_every_class_function_and_method_is_in_the_table():
    named = set(CALLS) | {name.partition(".")[2] for name in CALLS}
    assert missing([hopfield, capacity, couplings, damage, measures, patterns, problems, rules], named, ELSEWHERE) == []
