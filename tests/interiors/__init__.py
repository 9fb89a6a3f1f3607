"""Tests of designing: brief, latents, pictures."""
