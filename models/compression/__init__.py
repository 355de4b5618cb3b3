"""Smaller and faster models: narrower numbers, fewer layers, and what that costs, measured.

Modules that need torch are imported by their own names, so that importing this package stays light.
"""
