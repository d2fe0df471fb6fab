"""From a result to what people see: terminal tables, files, and a page to open and forward.

Nothing here computes a statistic: every figure comes from :mod:`simsched.statistics` as it is.
"""
