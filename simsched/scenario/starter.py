"""The scenario that ``simsched init`` writes: short, commented, and worth changing."""

STARTER = """\
# yaml-language-server: $schema=scenario.schema.json
# (Editors check and complete this file once you have run: simsched schema > scenario.schema.json)

name: starter
description: Pages and health checks at a server that does one thing at a time, and one that does not.

# What a request needs: phases of computing (cpu) and of waiting for something else (io), in order.
# Durations have a unit: ns, us, ms, s, min, h.
requests:
  page:
    - {cpu: 2ms, label: routing}
    - {io: {lognormal: {p50: 30ms, p99: 200ms}}, label: database}  # median, 99th percentile
    - {cpu: 3ms, label: template}
  health: [{cpu: 1ms}]

# When requests arrive: at random, this many a second, for a minute; nine pages to one health check.
workload:
  open: {rate: 15/s}
  mix: {page: 9, health: 1}
  duration: 60s

# What to compare; the first one is the baseline.
servers:
  serial: {model: serial}                    # a worker keeps a request until it is answered
  cooperative: {model: cooperative}          # an event loop runs others while one waits

run: {seed: 1, replications: 10, warmup: 5s}

# Then try, without changing the file:
#   simsched run FILE --set workload.open.rate=20/s
#   simsched run FILE --set servers.serial.workers=2
"""
