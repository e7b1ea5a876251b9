"""The client's side of the conversation with a scan server, without input or output.

`operations` has one value per request and `faults` the meaning of each answer. Whatever takes several
requests is a generator (`flows`, `control`, `patching`) that yields what to send and how long to sleep, and
`drivers` runs these, blocking or async.
"""
