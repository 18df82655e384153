"""Nothing leaves unchecked (G): what comes in is screened, what streams out is filtered, what was written is reviewed."""
