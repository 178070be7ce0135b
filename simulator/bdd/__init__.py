"""Gherkin without glue: a pytest plugin that runs feature files, and the steps they are made of.

A scenario has a `Scene` of its own: an AURA tenant, devices, customers, a journal and one way to
let time pass. Nothing here is imported by pytest before a feature file is collected.
"""
