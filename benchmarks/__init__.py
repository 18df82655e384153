"""What is measured, how, and drawn. ``make bench`` runs everything; each module can be run alone."""
