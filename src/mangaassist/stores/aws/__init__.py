"""What all adapters on AWS share (extra ``aws``): a client of one of its services, and what its failures mean."""
