"""Holding a result to its traces and rules, and archives to hand on."""
