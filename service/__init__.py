"""callscore: scores every recorded sales call, with a quote behind every point."""

__version__ = "0.1.0"
