"""Another store's beginning: ``skeleton/`` is what ``mangaassist new-store`` writes, a store of ten services that runs."""
