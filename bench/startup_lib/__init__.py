"""Time to the first response, and memory with and without preloading."""
