"""Gathers the chart: what the client sent under each prefetch key, and how complete it is."""
