"""Kubernetes: container logs in any cloud's envelope, workloads, events."""
