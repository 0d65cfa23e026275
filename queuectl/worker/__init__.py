"""Runs commands in background processes: a keeper, its dispatcher, its workers.

The keeper (`keeper`, `staff`, `restarts`) is what `worker start` becomes. Its dispatcher
(`dispatcher`, `turns`, `crew`, `outbox`, `verdict`) decides, with the store in a thread of its own
(`clerk`). A worker (`worker`, `command`, `output`) runs one command at a time. What dead pools left
is the business of `rescue` and `salvor`.
"""
