"""Counting and choosing with torch alone: without numba, of values with holes, and on other devices."""
