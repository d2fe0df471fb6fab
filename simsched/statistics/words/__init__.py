"""All sentences on what was found: pure functions from facts to text.

``numbers`` has how numbers are written, ``comparison`` how servers compare, ``servers`` what one
does by itself, ``warnings`` what is wrong with a run, ``objectives`` limits and stopping rules,
``refusals`` why a figure is missing, ``captions`` what tables and figures cover, and ``theory``
what formulas say. Their callers compute the facts. Sentences on sweeps and searches, whose results
the statistics do not know, are in ``report.sweep.verdict`` and ``report.search.sentences``.
"""
