"""All sentences that the statistics put before users: pure functions from facts to text.

``numbers`` has how numbers are written, ``comparison`` how servers compare, ``warnings`` what is
wrong with a run, ``objectives`` limits and stopping rules, ``refusals`` why a figure is missing.
"""
