"""Flows of three states that are known for their chaos."""
