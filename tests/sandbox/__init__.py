"""Tests of the embedded AURA, a file a family."""
