"""The same work, written for each simulator: the contestants of ``benchmarks/peers.py``.

Each module is one contestant, run in a process of its own by ``python -m contestants``, with a
Python that has what it imports. It has

- ``PACKAGE``: the distribution whose version is told; "" for none,
- ``draw(work, requests, seed)``: what chance decides beforehand, or what is needed to draw later,
- ``simulate(drawn)``: simulates that many requests, and returns the mean response in seconds,

and may have ``warm_up(work)``, which compiles.
"""
