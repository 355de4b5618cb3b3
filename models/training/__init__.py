"""Training of what the tasks need: a loop, splits, metrics, calibration, cards, and one module for each task.

Modules that need torch are imported by their own names, so that importing this package stays light.
"""
