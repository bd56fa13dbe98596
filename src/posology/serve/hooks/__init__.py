"""CDS Hooks 2.0: an EHR asks at the moment of prescribing, and is answered with cards about the drug in hand."""

from .routes import router

__all__ = ["router"]
