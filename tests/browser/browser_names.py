"""Names that would break a careless page."""

HOSTILE = '<script>alert(1)</script> "quotes" & 🚀 שלום ' + "x" * 430
"""What a scenario, its description and a server are called in one of the reports."""
