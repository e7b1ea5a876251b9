"""Scan scripts, error handlers and simulation hooks: Python classes in files of the script path.

Those written for the real server, which runs them under Jython, run here under CPython: what they import of
Java is answered by `names`, each scan has modules of its own, and each call is made in a thread of its own,
so that a script that computes or sleeps holds up nothing.
"""
