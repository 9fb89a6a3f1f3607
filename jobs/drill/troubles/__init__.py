"""The troubles' stories, by what they hurt. Which there are is in ../table.py."""
