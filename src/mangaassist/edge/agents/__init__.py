"""The door for other agents: MCP, in the shapes of UCP (R-11). ``tools.py`` is the page to read first."""
