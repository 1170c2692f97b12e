"""The account of every call: what was decided, on which facts, by which version, and what was sent."""
