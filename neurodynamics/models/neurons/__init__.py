"""Single neurons: spikes, bursts, excitability."""
