"""Support: replies to tickets from resolved ones and from articles, with citations; a handoff where unsure."""

from models.support.calibration import Calibration, calibrate
from models.support.memory import Source, SupportMemory, source_text
from models.support.responder import Answer, Cited, HandoffReason, Intent, Responder, Ticket, ticket_text

__all__ = [
    "Answer",
    "Calibration",
    "Cited",
    "HandoffReason",
    "Intent",
    "Responder",
    "Source",
    "SupportMemory",
    "Ticket",
    "calibrate",
    "source_text",
    "ticket_text",
]
