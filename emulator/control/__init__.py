"""control: the HTTP API over a running world, and `fakebooks up`, which keeps one running."""
