"""Word tables and sentence patterns of the made-up shop: data, written for this project."""
