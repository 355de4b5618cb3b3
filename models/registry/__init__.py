"""Models as folders: which there are, what each is worth, whether it is whole, and which one suits a machine."""
