"""Answers to decisions: plain functions on tidy tables."""
