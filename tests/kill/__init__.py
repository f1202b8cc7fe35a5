"""Proof that nothing is lost and nothing stands twice, whichever part is killed (SIGKILL), and at whichever step of a write."""
