"""A scenario run for real on this machine: real loops, threads and processes, real time.

The requests are those that a simulation would meet. What comes out is a trace like a simulation's.
"""
