"""Google Cloud: envelopes and parsers of its log formats; the only place that may know its SDK."""
