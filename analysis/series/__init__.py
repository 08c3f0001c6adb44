"""What a time series alone tells: the 0-1 test, dimensions, recurrences, spectra and phases."""

from analysis.series.correlation import CorrelationDimension, correlation_dimension, correlation_sum
from analysis.series.embedding import delay_embedding
from analysis.series.phase import OrderParameter, PhaseLocking, instantaneous_phase, order_parameter, phase_locking
from analysis.series.recurrence import RecurrencePlot, RecurrenceTimes, recurrence_plot, recurrence_times
from analysis.series.spectra import PowerSpectrum, power_spectrum
from analysis.series.zero_one import ZeroOneTest, zero_one_test

__all__ = [
    "CorrelationDimension",
    "OrderParameter",
    "PhaseLocking",
    "PowerSpectrum",
    "RecurrencePlot",
    "RecurrenceTimes",
    "ZeroOneTest",
    "correlation_dimension",
    "correlation_sum",
    "delay_embedding",
    "instantaneous_phase",
    "order_parameter",
    "phase_locking",
    "power_spectrum",
    "recurrence_plot",
    "recurrence_times",
    "zero_one_test",
]
