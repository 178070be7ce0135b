"""AURA's operations, grouped as its documentation groups them; each function makes one `Call`."""
