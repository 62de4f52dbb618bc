"""Events, batches, identities and units: pure facts, without input, output or clock."""
