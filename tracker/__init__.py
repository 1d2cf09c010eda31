"""Who asks: command line, HTTP API, web pages and papers."""
