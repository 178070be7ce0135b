"""Tests of the device models."""
