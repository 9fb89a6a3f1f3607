"""Portraits: pictures that a generator makes of seeds."""
