"""aura"""
