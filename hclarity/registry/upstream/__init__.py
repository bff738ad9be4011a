"""Reading what others publish: each file knows one project's layout of weights."""
