"""Times and sizes, durable, beside a peer's: ``python -m benchmarks [a b c d e f g]``.

``measure`` rounds, medians and the machine; ``places`` databases and how durable they are;
``district`` the facts that are recorded; ``peer`` the same facts through another library;
``appends`` (a), ``imports`` (b and f), ``rebuilding`` (c), ``closing`` (d), ``audit`` (e),
``streams`` (g), ``memory`` the peaks of (d), ``profiles`` where the time goes, ``report``
the tables of ``docs/benchmarks.md``.
"""
