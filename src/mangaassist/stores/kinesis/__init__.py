"""What happened in the sessions, in a stream of Kinesis (extra ``aws``)."""
