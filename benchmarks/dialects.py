"""What a protocol costs: processor time of telling one answer over each of our doors, beside our own frames: ``python -m benchmarks.dialects``.

The frames are those of real answers of the whole assistant. Each door tells them as it does for a shopper: from the log's bytes to
the bytes that leave, for a socket that passes the frames on, and for each stream that encodes them anew. What a turn costs apart from
that is the same for all, and is measured beside it; the bar is of the whole.
"""
