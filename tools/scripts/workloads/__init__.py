"""The parts of generate_workload.py: one module per kind of chain."""
