"""Sources of AWS: readers of its APIs, each run by an engine of `adapters.acquisition`; boto3 is imported here only."""
