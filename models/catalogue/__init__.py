"""Products as the models see them, and the index in which they are found. Loads no torch."""

from models.catalogue.analysis import analyse
from models.catalogue.catalogue import Catalogue
from models.catalogue.product import AttributeValue, Product
from models.catalogue.text import product_text, same_text
from models.catalogue.vectors import VectorIndex

__all__ = ["AttributeValue", "Catalogue", "Product", "VectorIndex", "analyse", "product_text", "same_text"]
