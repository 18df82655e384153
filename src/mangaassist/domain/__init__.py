"""The vocabulary that every room shares: frozen data, no behaviour that needs a network, a model or a clock."""
