"""All sentences on what was found: pure functions from facts to text.

``numbers`` has how numbers are written, ``comparison`` how servers compare, ``servers`` what one
does by itself, ``warnings`` what is wrong with a run, ``objectives`` limits and stopping rules,
``refusals`` why a figure is missing, ``captions`` what tables and figures cover, and ``theory``
what formulas say. Whoever calls them computes the facts.
"""
