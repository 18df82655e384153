"""The assistant in a terminal: a client like the widget, that knows the server only by its protocol."""
