"""The sandbox's pages, for people: what it holds and what happens in it, and buttons to act.

They are rendered on the server, need no network and work without a script; a button is a form that
runs a route of the control API. They stand beside the API, and so are not in its description.
"""

from simulator.sandbox.pages.table import PAGES

__all__ = ["PAGES"]
