"""Whether a store answers what the assistant asks: one table of checks, which ``mangaassist check-store`` and the tests run."""
